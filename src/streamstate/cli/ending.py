"""Signals that end a command early, but not at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.signals import signals_go_to


@contextmanager
def ended_by_signals(limit: Budget) -> Iterator[Callable[[], None]]:
    """The first signal ends the budget, so that the command still tells what it knows by then;
    another one does what it does elsewhere. The first does so too, belatedly, if the command calls
    the function that this yields."""

    def end(number: int, frame: FrameType | None) -> None:
        if limit.ended:
            before[number](number, frame)
        limit.end()
        came.append(number)

    def do_it_after_all() -> None:
        for number in came:
            before[number](number, None)

    came: list[int] = []
    with signals_go_to(end) as before:
        yield do_it_after_all
