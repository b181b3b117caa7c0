"""Nothing of a check is kept once it is over."""

from __future__ import annotations

import gc
from weakref import ref

from streamstate import StreamStateRegistry
from streamstate.model import Dialect, Limits, Push, StreamId
from streamstate.oracle.inprocess import InProcessImplementation
from streamstate.oracle.letters import letter
from streamstate.oracle.machine import Machine
from streamstate.oracle.plan import DEFAULT_SEED
from streamstate.oracle.verdict import check
from tests.oracle.small_plan import small_plan

ISOLATE = Dialect.parse("isolate")


class Stays(StreamStateRegistry):
    """A close is forgotten once something is queued: mistakes have to be supposed."""

    def close(self, stream: StreamId) -> None:
        seen = self.get(stream)
        if seen is None or not seen.queue:
            super().close(stream)


def opened() -> InProcessImplementation:
    def made(limits: Limits | None) -> StreamStateRegistry:
        return Stays(dialect=ISOLATE, limits=limits)

    return InProcessImplementation(made, "stays", "1")


def machines() -> int:
    gc.collect()
    of = (each for each in gc.get_objects() if isinstance(each, Machine))
    return sum(each.dialect == ISOLATE for each in of)


def test_no_machine_outlives_the_check_that_made_it() -> None:
    tuple(small_plan(Machine(ISOLATE), ("get", "limits"), DEFAULT_SEED))  # which is remembered
    before = machines()
    assert check(opened, ISOLATE, planner=small_plan).deviations
    assert machines() == before


def test_a_letter_is_one_and_the_same_as_long_as_it_is_held() -> None:
    op = Push(1, b"said once")
    held = letter(op)
    assert letter(Push(1, b"said once")) is held
    kept = ref(held)
    del held
    gc.collect()
    assert kept() is None
