"""Mistakes with the numbers of streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from streamstate.model import Create, Idle, Returned, Step
from streamstate.oracle.diagnosis.hypotheses.occasion import SOME_NUMBER, Change, Occasion


def number_mistakes() -> Iterator[Change]:
    """What may be done to the numbers to be given, by create and by others."""
    yield _numbered("takes the number after those that there are", lambda numbers: len(numbers) + 1)
    yield _numbered(
        "takes the number after the largest", lambda numbers: max(numbers, default=0) + 1
    )
    yield _numbered("takes the lowest free number", _lowest_free)
    yield _next("starts the numbers again", lambda _occasion: 1)
    yield _next("gives the number free", _freed)
    yield _next("skips a number", lambda occasion: occasion.step.state.next_stream + 1)


def spoilt_numbers(occasion: Occasion) -> Step:
    """The next number is another one."""
    if isinstance(occasion.op, Create):
        return occasion.step
    step = occasion.step
    return step._replace(state=replace(step.state, next_stream=SOME_NUMBER))


def _lowest_free(numbers: frozenset[int]) -> int:
    return next(number for number in range(1, len(numbers) + 2) if number not in numbers)


def _numbered(says: str, choose: Callable[[frozenset[int]], int]) -> Change:
    def made(occasion: Occasion) -> Step:
        if not isinstance(occasion.op, Create):
            return occasion.step
        before = occasion.before
        number = choose(frozenset(number for number, _ in before.streams))
        streams = before.streams_with(number, Idle())
        state = replace(before, streams=streams, next_stream=before.next_stream + 1)
        return Step(occasion.step.rule, state, (Returned(number),))

    return Change(says, made)


def _next(says: str, number: Callable[[Occasion], int]) -> Change:
    def made(occasion: Occasion) -> Step:
        step = occasion.step
        return step._replace(state=replace(step.state, next_stream=number(occasion)))

    return Change(says, made, renumbers=True)


def _freed(occasion: Occasion) -> int:
    """That of a stream that is gone, where it is the last one."""
    state = occasion.step.state
    return max((number for number, _ in state.streams), default=0) + 1
