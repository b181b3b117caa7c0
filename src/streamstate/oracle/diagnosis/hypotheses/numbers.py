"""Mistakes with the numbers of streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from streamstate.model import Create, Step
from streamstate.oracle.diagnosis.hypotheses.application import SOME_NUMBER, Application, Change


def number_mistakes() -> Iterator[Change]:
    """What a registry may do to the next number in other ops than create."""
    yield _next("starts the numbering again", lambda _application: 1)
    yield _next("frees the number", _freed)


def spoilt_numbers(application: Application) -> Step:
    """Makes the next number another one."""
    if isinstance(application.op, Create):
        return application.step
    step = application.step
    return step._replace(state=replace(step.state, next_stream=SOME_NUMBER))


def _next(says: str, number: Callable[[Application], int]) -> Change:
    def made(application: Application) -> Step:
        step = application.step
        return step._replace(state=replace(step.state, next_stream=number(application)))

    return Change(says, made, renumbers=True)


def _freed(application: Application) -> int:
    """The number of a stream that is gone, if it was the last one given."""
    state = application.step.state
    return max((number for number, _ in state.streams), default=0) + 1
