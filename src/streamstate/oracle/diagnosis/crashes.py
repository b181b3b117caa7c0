"""Cuts down a program at which a process dies or hangs, to what a reader needs.

Every trial starts a process of its own, so there are few. A trial that hangs takes time, too, so it
waits for a shorter time than usual; what it finds then has to hang for the usual time once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from streamstate.oracle.adapters.implementation import (
    ExchangeError,
    Fault,
    Hurried,
    Implementation,
    Opener,
    Request,
)
from streamstate.oracle.programs.editing import Ops, without
from streamstate.oracle.programs.program import program_of

MAX_TRIALS: Final = 60
"""How many processes may be started."""

MAX_HANGS: Final = 12
"""How many of these may hang."""

PATIENCE: Final = 1.0
"""How many seconds without an answer count as a hang in a trial."""

_CUT_DOWN: Final = frozenset({Fault.DIED, Fault.HUNG})

_Breaks: TypeAlias = Callable[[Ops], bool]


def culprit(
    opener: Opener, asked: Sequence[Request], fault: Fault, is_over: Callable[[], bool]
) -> Request | None:
    """The first request at which a process dies or hangs if it is asked one at a time, each after
    the answer to the one before. None if it does not, if it breaks in another way, or once
    `is_over`.

    A process with many requests on their way may break at a later one than the first without an
    answer.
    """
    if fault not in _CUT_DOWN:
        return None
    try:
        implementation = opener()
    except ExchangeError:
        return None
    try:
        _hurry(implementation)
        faults = (_fault_in(implementation, replace(each, seq=1)) for each in asked)
        for each, found in zip(asked, faults, strict=True):
            if found is not None:
                return each if found is fault else None
            if is_over():
                break
        return None
    finally:
        implementation.close()


def smaller(
    opener: Opener, running: Request, fault: Fault, is_over: Callable[[], bool]
) -> Request | None:
    """The request, or one with fewer ops, at which the process dies or hangs in the same way if it
    is asked that alone. None if it does not, if it breaks in another way, or once `is_over`.

    Takes at most `MAX_TRIALS` processes and one more, `MAX_HANGS` times `PATIENCE` seconds, and the
    usual time for a hang once.
    """
    if fault not in _CUT_DOWN:
        return None
    trials = hangs = 0

    def asked_alone(ops: Ops) -> Request:
        return replace(running, seq=1, program=program_of(ops))

    def breaks(ops: Ops) -> bool:
        nonlocal trials, hangs
        if trials == MAX_TRIALS or hangs == MAX_HANGS or is_over():
            return False
        trials += 1
        found = _fault_of(opener, asked_alone(ops), hurried=True)
        hangs += found is Fault.HUNG
        return found is fault

    ops: Ops = tuple(symbol.op for symbol in running.program)
    if not breaks(ops):
        return None
    ops = _without_more(_beginning(ops, breaks), breaks)
    if fault is Fault.HUNG and _fault_of(opener, asked_alone(ops), hurried=False) is not fault:
        return None
    return replace(running, program=program_of(ops))


def _hurry(implementation: Implementation) -> None:
    if isinstance(implementation, Hurried):
        implementation.hurry(PATIENCE)


def _fault_of(opener: Opener, request: Request, *, hurried: bool) -> Fault | None:
    try:
        implementation = opener()
    except ExchangeError:
        return None
    try:
        if hurried:
            _hurry(implementation)
        return _fault_in(implementation, request)
    finally:
        implementation.close()


def _fault_in(implementation: Implementation, request: Request) -> Fault | None:
    try:
        for _ in implementation.run(iter((request,))):
            pass
    except ExchangeError as error:
        return error.fault
    return None


def _beginning(ops: Ops, breaks: _Breaks) -> Ops:
    """The shortest beginning at which it breaks, if it also breaks at all longer ones."""
    least, most = 1, len(ops)
    while least < most:
        half = (least + most) // 2
        if breaks(ops[:half]):
            most = half
        else:
            least = half + 1
    return ops[:most]


def _without_more(ops: Ops, breaks: _Breaks) -> Ops:
    """The request with ops left out, many at once first, as long as it goes on breaking."""
    size = max(1, len(ops) // 2)
    while size:
        left = next((each for each in _shorter(ops, size) if breaks(each)), None)
        if left is None:
            size //= 2
        else:
            ops = left
    return ops


def _shorter(ops: Ops, size: int) -> Iterator[Ops]:
    return (without(ops, at, at + size) for at in range(0, len(ops), size) if len(ops) > size)
