"""A program at which a process dies, made smaller: what nobody needs to read is left out.

Every trial takes a process of its own, so there are few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from streamstate.oracle.editing import Ops, without
from streamstate.oracle.implementation import ExchangeError, Fault, Request
from streamstate.oracle.laboratory import Opener
from streamstate.oracle.letters import word

MAX_TRIALS: Final = 60
"""Processes that are started at most."""

_Dies: TypeAlias = Callable[[Ops], bool]


def smaller(opener: Opener, running: Request, is_over: Callable[[], bool]) -> Request:
    """The request, or one of fewer ops on which the process dies as well where it is asked that
    alone; the same where it does not die of that program alone, and once `is_over`.

    At most `MAX_TRIALS` processes.
    """
    trials = iter(range(MAX_TRIALS))

    def dies(ops: Ops) -> bool:
        if next(trials, None) is None or is_over():
            return False
        return _dies_of(opener, replace(running, seq=1, program=word(ops)))

    ops: Ops = tuple(letter.op for letter in running.program)
    if not dies(ops):
        return running
    return replace(running, program=word(_without_more(_beginning(ops, dies), dies)))


def _dies_of(opener: Opener, request: Request) -> bool:
    try:
        implementation = opener()
    except ExchangeError:
        return False
    try:
        for _ in implementation.run(iter((request,))):
            pass
    except ExchangeError as error:
        return error.fault is Fault.DIED
    finally:
        implementation.close()
    return False


def _beginning(ops: Ops, dies: _Dies) -> Ops:
    """The shortest beginning of which it dies, if it also dies of all longer ones."""
    least, most = 1, len(ops)
    while least < most:
        half = (least + most) // 2
        if dies(ops[:half]):
            most = half
        else:
            least = half + 1
    return ops[:most]


def _without_more(ops: Ops, dies: _Dies) -> Ops:
    """With ops left out, as long as it goes on dying: many at once first."""
    size = max(1, len(ops) // 2)
    while size:
        left = next((each for each in _shorter(ops, size) if dies(each)), None)
        if left is None:
            size //= 2
        else:
            ops = left
    return ops


def _shorter(ops: Ops, size: int) -> Iterator[Ops]:
    return (without(ops, at, at + size) for at in range(0, len(ops), size) if len(ops) > size)
