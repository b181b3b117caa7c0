"""Of a program at which a process dies what matters is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamstate.model import Clear, Close, Create, IsQueueFull, Limits, Pull, Push
from streamstate.oracle.breaking import MAX_TRIALS, smaller
from streamstate.oracle.implementation import ExchangeError, Fault, Hello, Request
from streamstate.oracle.machine import Word, word
from streamstate.wire import Turn

LONG = word(
    (
        *(Create(), Create(), IsQueueFull(1), Push(1, b"a"), Close(2), Push(1, b"b"), Pull(1)),
        *(IsQueueFull(2), Pull(2), Clear(), Create(), Pull(3)),
    )
)


class Dying:
    """Dies once a stream has been closed and pulled from, counted over all of its programs."""

    started = 0

    def __init__(self, fault: Fault = Fault.DIED, *, needs: int = 1) -> None:
        Dying.started += 1
        self.hello = Hello("dying", "1", "none", frozenset(), exact=True)
        self._fault = fault
        self._needs = needs

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        for request in requests:
            if self._dies([each.op for each in request.program]):
                raise ExchangeError(self._fault, "it died")
            yield b""

    def _dies(self, ops: list[Turn]) -> bool:
        self._needs -= Close(2) in ops and Pull(2) in ops[ops.index(Close(2)) :]
        return self._needs <= 0

    def close(self) -> None:
        pass


def never() -> bool:
    return False


def test_a_program_is_cut_down_to_what_it_takes() -> None:
    Dying.started = 0
    limits = Limits(3, 2)
    found = smaller(Dying, Request(9, LONG, limits), never)
    assert (found.program, found.limits) == (word((Close(2), Pull(2))), limits)
    assert Dying.started <= MAX_TRIALS


@pytest.mark.parametrize("fault", [Fault.HUNG, Fault.GARBAGE])
def test_one_that_breaks_in_another_way_is_left_alone(fault: Fault) -> None:
    request = Request(9, LONG)
    assert smaller(lambda: Dying(fault), request, never) == request


def test_one_that_needs_what_went_before_is_left_alone() -> None:
    request = Request(9, LONG)
    assert smaller(lambda: Dying(needs=2), request, never) == request


def test_nothing_is_tried_once_the_time_is_over() -> None:
    Dying.started = 0
    request = Request(9, LONG)
    assert smaller(Dying, request, lambda: True) == request
    assert Dying.started == 0


def test_one_that_does_not_start_again_is_left_alone() -> None:
    def gone() -> Dying:
        raise ExchangeError(Fault.START, "no such file")

    request = Request(9, LONG)
    assert smaller(gone, request, never) == request


def test_a_long_program_takes_no_more_than_so_many_processes() -> None:
    Dying.started = 0
    middle = tuple(Push(1, bytes([each])) for each in range(200))
    program: Word = word((Create(), *middle, Close(2), *middle, Pull(2)))
    found = smaller(Dying, Request(9, program), never)
    assert Dying.started <= MAX_TRIALS
    assert len(found.program) < len(program)
    assert word((Close(2),))[0] in found.program
