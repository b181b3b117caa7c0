"""Mistakes with the numbers of streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from streamstate.model import Create, Idle, Returned, Step
from streamstate.oracle.diagnosis.hypotheses.application import SOME_NUMBER, Application, Change


def number_mistakes() -> Iterator[Change]:
    """What a registry may do to the numbers that it gives, in create and in other ops."""
    yield _numbered("takes the number after those that there are", lambda numbers: len(numbers) + 1)
    yield _numbered(
        "takes the number after the largest", lambda numbers: max(numbers, default=0) + 1
    )
    yield _numbered("takes the lowest free number", _lowest_free)
    yield _next("starts the numbering again", lambda _application: 1)
    yield _next("frees the number", _freed)
    yield _next("skips a number", lambda application: application.step.state.next_stream + 1)


def spoilt_numbers(application: Application) -> Step:
    """Makes the next number another one."""
    if isinstance(application.op, Create):
        return application.step
    step = application.step
    return step._replace(state=replace(step.state, next_stream=SOME_NUMBER))


def _lowest_free(numbers: frozenset[int]) -> int:
    return next(number for number in range(1, len(numbers) + 2) if number not in numbers)


def _numbered(says: str, choose: Callable[[frozenset[int]], int]) -> Change:
    def made(application: Application) -> Step:
        if not isinstance(application.op, Create):
            return application.step
        before = application.before
        number = choose(frozenset(number for number, _ in before.streams))
        streams = before.streams_with(number, Idle())
        state = replace(before, streams=streams, next_stream=before.next_stream + 1)
        return Step(application.step.rule, state, (Returned(number),))

    return Change(says, made)


def _next(says: str, number: Callable[[Application], int]) -> Change:
    def made(application: Application) -> Step:
        step = application.step
        return step._replace(state=replace(step.state, next_stream=number(application)))

    return Change(says, made, renumbers=True)


def _freed(application: Application) -> int:
    """The number of a stream that is gone, if it was the last one given."""
    state = application.step.state
    return max((number for number, _ in state.streams), default=0) + 1
