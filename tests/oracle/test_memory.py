"""Nothing of a check is kept once it is over."""

from __future__ import annotations

import gc
from weakref import ref

from streamstate import StreamStateRegistry
from streamstate.model import Close, Create, Dialect, Limits, Push, StreamId
from streamstate.oracle.adapters.garbage import COLLECTIONS
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of, symbol
from streamstate.oracle.suites.plan import only

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
    of = (each for each in gc.get_objects() if isinstance(each, CachedModel))
    return sum(each.dialect == ISOLATE for each in of)


def test_no_machine_outlives_the_check_that_made_it() -> None:
    stays = only(program_of((Create(), Push(1, b"a"), Close(1), Push(1, b"b"))))
    before = machines()
    (deviation,) = check(opened, ISOLATE, planner=stays).deviations
    assert deviation.why
    assert machines() == before


def test_garbage_is_seldom_looked_for_and_never_among_what_is_old() -> None:
    before, seen = gc.get_threshold(), []

    def noted() -> InProcessImplementation:
        seen.append(gc.get_threshold())
        return opened()

    stays = only(program_of((Create(), Push(1, b"a"), Close(1), Push(1, b"b"))))
    assert check(noted, ISOLATE, planner=stays).deviations
    young, _, old = seen[-1]  # where causes are found
    assert young == COLLECTIONS[0]  # the implementation runs here, and may make cycles
    assert old > 100 * COLLECTIONS[2]
    assert gc.get_threshold() == before


def test_a_letter_is_one_and_the_same_as_long_as_it_is_held() -> None:
    op = Push(1, b"said once")
    held = symbol(op)
    assert symbol(Push(1, b"said once")) is held
    kept = ref(held)
    del held
    gc.collect()
    assert kept() is None
