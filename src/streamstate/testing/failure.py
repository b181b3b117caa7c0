"""The text that a test prints about one program that deviated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from streamstate.model import Clear, Create, Get, IsQueueFull, Limits, Op, Rule, State
from streamstate.oracle.programs.editing import stream_of
from streamstate.oracle.reports.wording import read_on
from streamstate.wire import Json, compact, encode_program
from streamstate.wire.in_words import answer_in_words, clean, contrast, ops_in_words

_WIDTH: Final = 88
_MOST_STEPS: Final = 24


@dataclass(frozen=True, slots=True)
class Step:
    """An op that ran, the name of the rule that it took, and the expected answer."""

    op: Op
    rule: str
    expected: Json


def blamed(steps: Sequence[Step]) -> str:
    """The rule to name when the answer to the last of `steps` was not the expected one.

    A view that differs shows the effect of an earlier op: the last one that was not a look.
    """
    for step in reversed(steps):
        if not isinstance(step.op, Get):
            return step.rule
    return steps[-1].rule


def looks_after(op: Op, after: State) -> tuple[Get, ...]:
    """Looks at the streams that `op` could have changed; `after` is the model's state after it."""
    if isinstance(op, Create):
        return (Get(after.next_stream - 1),)
    if isinstance(op, Clear):
        return tuple(map(Get, range(1, after.next_stream)))
    stream = None if isinstance(op, Get | IsQueueFull) else stream_of(op)
    return () if stream is None else (Get(stream),)


def told(steps: Sequence[Step], observed: Json, limits: Limits) -> Iterator[str]:
    """The rule to name, then every step with its rule and answer. The last one answered `observed`,
    which was not expected."""
    rule = blamed(steps)
    yield rule
    yield from wrap(Rule[rule].value, _WIDTH, initial_indent="   ", subsequent_indent="   ")
    yield ""
    if limits != Limits():
        yield f"   with {limits}"
    texts = list(ops_in_words([step.op for step in steps]))
    widest = max(len(text) for text in texts)
    first = max(0, len(steps) - _MOST_STEPS)
    if first:
        yield f"     … {first} ops before these"
    for step, text in zip(steps[first:-1], texts[first:-1], strict=True):
        said = answer_in_words(step.expected, step.op)
        yield f"     {text:<{widest}}  {step.rule:<15}  {said}"
    last = steps[-1]
    expected, seen = contrast(last.op, last.expected, observed)
    yield f"   ✗ {texts[-1]:<{widest}}  {last.rule}"
    yield f"       expected: {expected}"
    yield f"       observed: {clean(seen, 400)}"
    yield ""
    yield f"   Program: {compact(encode_program([step.op for step in steps]))}"
    yield f"   {read_on(Rule[rule])}"
