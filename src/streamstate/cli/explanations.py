"""What `explain` shows: a program, in one dialect or in several side by side; and a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Final, NamedTuple

from streamstate.cli.events import EVENTS
from streamstate.cli.rows import CLEARING, row_lines, rows_of
from streamstate.model import (
    NAMED,
    OF_MEMORY,
    Dialect,
    Event,
    Idle,
    Level,
    Limits,
    PushesWaiting,
    Rule,
    State,
    Waiting,
    advance,
    initial,
    lattice,
    view,
)
from streamstate.oracle.programs.rulesets import bit_of, reachable_rules
from streamstate.oracle.reports.lines import Line, wrapped
from streamstate.semantics import address, passages
from streamstate.wire import (
    Json,
    Together,
    Turn,
    answer,
    answer_together,
    encode_effects,
    message_of,
)
from streamstate.wire.in_words import (
    answer_in_words,
    bytes_in_words,
    ops_in_words,
    quoted,
)

_INDENT: Final = " " * 3
_RULE_INDENT: Final = " " * 2


class Looks(Enum):
    """When awaiters look at the chunks that their pulls were handed."""

    AT_ONCE = "at-once"
    """After every turn, as in a check."""

    WHEN_TOLD = "when-told"
    """When the program says `seen`."""

    @classmethod
    def of(cls, program: Sequence[Turn]) -> Looks:
        """The choice for a program if the user makes none: only ops done together need awaiters
        that look when these are over."""
        together = any(isinstance(turn, Together) for turn in program)
        return cls.AT_ONCE if together else cls.WHEN_TOLD


class _Step(NamedTuple):
    """The outcome of one turn in a dialect: its answer, the rules it took, and the state after
    it."""

    said: str
    rules: tuple[Rule, ...]
    looked: tuple[str, ...]
    state: tuple[str, ...]


def explain_lines(
    program: Sequence[Turn],
    dialects: Sequence[Dialect],
    limits: Limits,
    looks: Looks | None = None,
) -> Iterator[Line]:
    """Each turn with what it returns and settles, its rules, and the state after it: once if all
    dialects agree, else once for each group that does. O(turns · dialects · size)."""
    looks = Looks.of(program) if looks is None else looks
    turns = tuple(program) if looks is Looks.AT_ONCE else tuple(_one_by_one(program))
    states = {dialect: initial(dialect, limits) for dialect in dialects}
    for number, (turn, text) in enumerate(zip(turns, ops_in_words(turns), strict=True), start=1):
        yield Line(f"{number}. {text}", "rule")
        groups: dict[_Step, list[Dialect]] = {}
        for dialect, state in states.items():
            states[dialect], step = _step(state, turn, looks)
            groups.setdefault(step, []).append(dialect)
        for step, those in groups.items():
            if len(groups) > 1:
                yield Line(f"{_INDENT}In {', '.join(map(str, those))}:")
            yield from _step_lines(step, _INDENT * (1 + (len(groups) > 1)))


def _one_by_one(program: Sequence[Turn]) -> Iterator[Turn]:
    """If nobody looks, ops done together are the same as ops done in turn."""
    for turn in program:
        if isinstance(turn, Together):
            yield from turn.ops
        else:
            yield turn


def _step(state: State, turn: Turn, looks: Looks) -> tuple[State, _Step]:
    if isinstance(turn, Together):
        answered, rules = answer_together(state, turn.ops)
    elif looks is Looks.AT_ONCE:
        answered = answer(state, turn)
        rules = (answered.rule,)
    else:
        rule, after, effects = advance(state, turn)
        said = answer_in_words(encode_effects(effects), turn)
        return after, _Step(said, (rule,), (), tuple(state_in_words(after)))
    said = answer_in_words(answered.json, turn)
    looked = tuple(_looked_in_words(answered.settled))
    return answered.state, _Step(said, rules, looked, tuple(state_in_words(answered.state)))


def _looked_in_words(settled: Sequence[Json]) -> Iterator[str]:
    """The chunks handed in a turn after which awaiters look at once."""
    for item in settled:
        match item:
            case [int(pull), "value", _]:
                yield f"pull {pull} was handed its chunk, and its awaiter looks at it now"
            case _:
                pass


def _step_lines(step: _Step, indent: str) -> Iterator[Line]:
    yield Line(f"{indent}{step.said}")
    for rule in dict.fromkeys(step.rules):
        yield from wrapped(f"{rule.name}: {rule.value}", indent)
    for shown in (*step.looked, *step.state):
        yield Line(f"{indent}{shown}", "dim")


def state_in_words(state: State) -> Iterator[str]:
    """A line for each stream, and one for each chunk that was handed and nobody has seen."""
    if not state.streams:
        yield "no streams"
    for number, stream in state.streams:
        match stream:
            case Waiting(_, first, others):
                pulls = ", ".join(str(pull) for pull in (first, *others))
                yield f"stream {number}: open, waited on by pull {pulls}"
            case PushesWaiting(_, _, offered, more):
                yield f"stream {number}: {_idle_in_words(state, number)}"
                for each in (offered, *more):
                    yield f"push {each.push} of {bytes_in_words(each.chunk)} waits there"
            case Idle():
                yield f"stream {number}: {_idle_in_words(state, number)}"
    for handed in state.handed:
        chunk = bytes_in_words(handed.chunk)
        yield f"pull {handed.pull} was handed {chunk} and nobody has looked yet"


def _idle_in_words(state: State, number: int) -> str:
    shown = view(state, number)
    assert shown is not None
    flags = ["closed"] * shown.closed
    if shown.errored:
        flags.append(f"errored with {quoted(message_of(shown.error_value))}")
    status = " and ".join(flags) or "open"
    if not shown.queue:
        return f"{status}, nothing queued"
    chunks = ", ".join(bytes_in_words(chunk) for chunk in shown.queue[:4])
    more = f" and {len(shown.queue) - 4} more" if len(shown.queue) > 4 else ""
    return f"{status}, queued: {chunks}{more}"


def rule_lines(rule: Rule) -> Iterator[Line]:
    """A rule's sentence, its intent, where it applies and what it does, and an example."""
    passage = passages()[rule]
    yield Line(rule.name, "rule")
    yield from wrapped(passage.sentence, _RULE_INDENT)
    yield Line("")
    yield Line(f"{_RULE_INDENT}Intent", "rule")
    yield from wrapped(passage.intent, _RULE_INDENT)
    yield Line("")
    yield Line(f"{_RULE_INDENT}Where it applies, where it leads, and what is done", "rule")
    yield from _applies(rule)
    yield Line("")
    yield Line(f"{_RULE_INDENT}Example in {passage.place.replace('`', '')}", "rule")
    for line in passage.example.splitlines():
        yield Line(f"{_RULE_INDENT}{line}".rstrip())
    limits = passage.limits
    full = f" --limits {limits.high_water_mark},{limits.max_queue_chunks}"
    run = f"{'' if limits == Limits() else full} '{passage.program}'"
    yield Line("")
    yield Line(f"{_RULE_INDENT}Run it: streamstate explain --dialect {passage.dialect}{run}")
    yield Line(f"{_RULE_INDENT}Read on: {address(rule)}")


def _applies(rule: Rule) -> Iterator[Line]:
    """The rows of the table that have a rule, and the dialects in which a program can take it."""
    if rule in OF_MEMORY:
        yield from wrapped(_OF_MEMORY, _RULE_INDENT)
        return
    for event in EVENTS:
        for row in rows_of(event):
            if row.rule is rule:
                yield from row_lines(row)
    if rule in CLEARING:
        yield Line(f"{_RULE_INDENT}where {CLEARING[rule]}: what delete does to each stream")
    yield from wrapped(f"It can fire in {_dialects_in_words(rule)}.", _RULE_INDENT)


_OF_MEMORY: Final = (
    "It holds in every dialect. It is about the memory in which a chunk lies, so the table knows"
    " nothing of it, and it holds besides whichever rule the op takes."
)


def dialects_with(rule: Rule) -> Iterator[Dialect]:
    """The dialects in which a program can take the rule. O(lattice · table)."""
    seen = {row.rule for event in _EVERYWHERE for row in rows_of(event)}
    for dialect in lattice():
        if rule in seen or any(
            reachable_rules(dialect, cancels=True, nothing=nothing) & bit_of(rule)
            for nothing in (Level.EMPTY, Level.UNBUFFERED)
        ):
            yield dialect


_EVERYWHERE: Final = (Event.SEEN_HANDED, Event.SEEN_OTHER, Event.CANCEL_OTHER_PUSH)


def _dialects_in_words(rule: Rule) -> str:
    found = set(dialects_with(rule))
    every = len(lattice())
    if len(found) == every:
        return f"every dialect, all {every}"
    named = [name for name, dialect in NAMED.items() if dialect in found]
    return f"{len(found)} of {every} dialects; of the named ones in {', '.join(named) or 'none'}"
