"""Counts that go wrong, each caught by the comparison with a walk through the model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from random import Random
from typing import Final

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Delete,
    Effect,
    Error,
    Op,
    PullId,
    Seen,
    StreamId,
    lattice,
)
from streamstate.registry.watching import OldestPull, Watch
from tests.broken.promises import PromiseFault, patching, without_a_loop
from tests.registry import test_stats
from tests.strategies import random_program

COUNT: Final = Watch.__call__
CANCEL: Final = Watch._cancel
INIT: Final = Watch.__init__


def blind_to(kind: type[Op]) -> Callable[[Watch, Op, tuple[Effect, ...]], None]:
    """Counts everything but what an op of that kind did."""

    def count(self: Watch, op: Op, effects: tuple[Effect, ...]) -> None:
        if not isinstance(op, kind):
            COUNT(self, op, effects)

    return count


def forget_what_is_given_back(self: Watch, pull: PullId) -> None:
    if self._take_unseen(pull) is None:
        CANCEL(self, pull)


def forget_what_was_handed_before(self: Watch, pull: PullId) -> None:
    unseen = self._take_unseen(pull)
    if unseen is not None:
        self._look_at(unseen)
    else:
        self._waiting.pop(pull, None)


def take_one_and_not_its_bytes(self: Watch, pull: PullId) -> StreamId | None:
    return self._unseen.pop(pull, (None, 0))[0]


def begin_with_no_pulls(self: Watch, *given: object) -> None:
    INIT(self, *given)  # type: ignore[arg-type]  # what it was given
    self._waiting = OrderedDict(list(self._waiting.items())[:1])


def newest(self: Watch) -> OldestPull | None:
    for pull, (stream, _) in reversed(self._waiting.items()):
        return OldestPull(pull, stream, 0.0)
    return None


def note_what_is_there(self: Watch) -> None:
    self._peak = [len(self._streams), len(self._waiting), self._chunks, self._size]


def compared() -> None:
    """What only the comparison with a walk through the model finds, on random programs."""
    random = Random(16)
    for _ in range(150):
        program = random_program(random, 40)
        test_stats.compare(program, random.randrange(20), random.choice(lattice()))


def pushes_counted() -> None:
    """What finds pushes that are counted wrongly, in one dialect in which they wait."""
    test_stats.test_pushes_that_wait_are_counted_and_what_becomes_of_them()


def fault(name: str, attribute: str, value: object, fails: type[Exception]) -> PromiseFault:
    return PromiseFault(name, patching((Watch, attribute, value)), without_a_loop(compared), fails)


WATCH_FAULTS: Final = (
    fault("deleted_chunks_count_on", "__call__", blind_to(Delete), AssertionError),
    fault("dropped_chunks_count_on", "__call__", blind_to(Error), AssertionError),
    fault("cleared_streams_count_on", "__call__", blind_to(Clear), AssertionError),
    fault("cancelled_pulls_count_on", "__call__", blind_to(CancelPull), AssertionError),
    fault("seen_chunks_count_on", "__call__", blind_to(Seen), AssertionError),
    fault(
        "given_back_chunks_are_not_counted", "_cancel", forget_what_is_given_back, AssertionError
    ),
    fault("handed_before_is_not_counted", "_cancel", forget_what_was_handed_before, AssertionError),
    fault("unseen_bytes_stay", "_take_unseen", take_one_and_not_its_bytes, AssertionError),
    fault("waiting_before_is_not_counted", "__init__", begin_with_no_pulls, Exception),
    fault("newest_pull_is_the_oldest", "_oldest", newest, AssertionError),
    PromiseFault(
        "given_up_pushes_count_on",
        patching((Watch, "__call__", blind_to(CancelPush))),
        without_a_loop(pushes_counted),
        AssertionError,
    ),
    fault("peak_falls", "_note_peak", note_what_is_there, AssertionError),
)
