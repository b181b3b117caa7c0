"""What there is to say of a deviation besides its rule and its program, in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from streamstate.model import Get, Rule
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.oracle.verdict.deviation import Deviation, Kind, OwnView
from streamstate.wire import agrees
from streamstate.wire.in_words import clean, contrast, op_in_words, parting, value_in_words

_MISSING_METHOD: Final = re.compile(r"is not a function$|has no attribute '\w+'$")
"""The messages with which JavaScript and Python say that a method does not exist."""


def explanation(deviation: Deviation) -> str:
    """A few sentences: what was expected and observed, and why that rule is named."""
    difference = deviation.difference
    op = deviation.program[difference.at]
    expected, observed = contrast(op, difference.expected, difference.observed)
    seen = f"At {op_in_words(op)}, expected: {expected}; observed: {observed}."
    return " ".join((seen, *remarks(deviation)))


def remarks(deviation: Deviation) -> Iterator[str]:
    """What there is to say of a deviation besides what was expected and observed."""
    match deviation.difference.kind:
        case Kind.VIEW if deviation.rule in {Rule.GET_1, Rule.GET_2}:
            yield "No program differed in anything but what get shows, so get is probably wrong."
        case Kind.VIEW:
            yield f"Right after that, get does not show what {deviation.rule.name} asks for."
        case Kind.LATE:
            yield (
                "The pull does settle, but later: either the implementation delays it, or the"
                " adapter answers before its implementation is quiet."
            )
        case Kind.FAILED:
            yield "A failing adapter says nothing about its implementation: fix it first."
        case Kind.THREW:
            yield from _on_what_was_thrown(deviation)
        case Kind.OUTCOME:
            yield from _on_the_message(deviation)
        case _:
            pass
    if deviation.why:
        yield deviation.why
    if deviation.own_view is not None:
        yield _own_view_in_words(deviation.own_view)
    if deviation.others:
        names = ", ".join(rule.name for rule in deviation.others)
        yield f"It also shows at {names}."
    if not deviation.repeatable:
        yield (
            "It could not be reproduced by running the program alone: something is"
            " non-deterministic, or one run affects the next."
        )


def _on_what_was_thrown(deviation: Deviation) -> Iterator[str]:
    match deviation.difference.observed:
        case [{"threw": str(message)}, _] if _MISSING_METHOD.search(message):
            yield "The method is probably missing."
    if isinstance(deviation.program[deviation.difference.at], Get):
        yield (
            "The adapter offers get, and get fails: where there is nothing to show, remove get from"
            " its capabilities."
        )


def _on_the_message(deviation: Deviation) -> Iterator[str]:
    """Says that a pull was rightly rejected, with the wrong message."""
    difference = deviation.difference
    pairs = zip(settled_in(difference.expected), settled_in(difference.observed), strict=False)
    match next((pair for pair in pairs if not agrees(*pair)), None):
        case [pull, "error", str(message)], [number, "error", str(other)] if pull == number:
            wanted, came = repr(clean(message)), repr(clean(other))
            apart = f": {parting(message, other)}" if wanted == came else ""
            yield (
                "Only the message of the error is wrong: expected"
                f" {wanted}, observed {came}{apart}."
            )
        case _:
            pass


def _own_view_in_words(view: OwnView) -> str:
    look = op_in_words(Get(view.stream))
    if agrees(view.expected, view.observed):
        return f"Right after that, {look} {value_in_words(view.observed)}, as it should."
    expected, observed = contrast(Get(view.stream), [view.expected, []], [view.observed, []])
    return f"Right after that, {look} {observed}; expected: {expected}."
