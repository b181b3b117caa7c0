"""What is true of a registry of two streams after one op, said of any `step`.

An op on one stream leaves the other alone: what it holds, the chunk that was handed from it, the
pull that waits on it, the writers that wait for it. Numbers go up and are given once.
"""

from __future__ import annotations

from dataclasses import dataclass

from streamstate.model import (
    REFERENCE,
    Accepted,
    CancelPull,
    Clear,
    Create,
    Delete,
    Handed,
    Idle,
    Limits,
    Op,
    Pull,
    PullId,
    Returned,
    Seen,
    State,
    Stream,
    StreamId,
    TurnedAway,
    Unblocked,
    Waiting,
)
from streamstate.model.state import CLOSED, OPEN, Failed, Queue, Status
from tests.crosshair.given import TABLES, pick
from tests.laws.history import Stepper

assert TABLES  # to import `given` is what makes `react` fit for CrossHair


@dataclass(frozen=True, slots=True)
class Slot:
    """A stream: open, closed, errored, or with `pull` waiting; and a chunk handed to `holder`."""

    kind: int
    accepted: int
    fresh: tuple[bytes, ...]
    size: int
    pull: PullId
    holder: PullId
    chunk: bytes

    def possible(self) -> bool:
        counted = self.accepted > len(self.fresh) and self.size >= 0
        return 0 <= self.kind < 4 and counted and 1 <= self.holder < self.pull

    def stream(self) -> Stream:
        if self.kind == 3:
            return Waiting(self.accepted, self.pull)
        statuses: tuple[Status, ...] = OPEN, CLOSED, Failed("boom", closed=False)
        return Idle(self.accepted, pick(statuses, self.kind), Queue((), self.fresh, self.size))

    def handed(self, number: StreamId) -> Handed:
        return Handed(self.holder, number, 1, self.chunk)


@dataclass(frozen=True, slots=True)
class Two:
    """A registry of two streams."""

    one: Slot
    two: Slot
    high_water_mark: int
    max_queue_chunks: int

    def possible(self) -> bool:
        limits = self.high_water_mark >= 1 and self.max_queue_chunks >= 1
        apart = self.one.pull < self.two.holder
        return limits and apart and self.one.possible() and self.two.possible()

    def about(self, own: StreamId) -> bool:
        """Whether every stream but `own` is open or waited on. To leave out closed and errored
        ones there saves most of the time, and the laws in `tests.laws` have them all."""
        return (own == 1 or self.one.kind in (0, 3)) and (own == 2 or self.two.kind in (0, 3))

    def state(self) -> State:
        return State(
            REFERENCE,
            Limits(self.high_water_mark, self.max_queue_chunks),
            next_stream=3,
            next_pull=self.two.pull + 1,
            streams=((1, self.one.stream()), (2, self.two.stream())),
            handed=(self.one.handed(1), self.two.handed(2)),
        )

    def owner(self, pull: PullId) -> StreamId:
        """The stream on which `pull` waits or from which it was handed a chunk, 0 if none."""
        if pull == self.one.holder or (self.one.kind == 3 and pull == self.one.pull):
            return 1
        if pull == self.two.holder or (self.two.kind == 3 and pull == self.two.pull):
            return 2
        return 0


def leaves_the_other_alone(step: Stepper, given: Two, own: StreamId, op: Op) -> None:
    state = given.state()
    after, effects = step(state, op)
    for number, held, pull in (
        (1, state.handed[0], given.one.pull),
        (2, state.handed[1], given.two.pull),
    ):
        if number == own:
            continue
        assert after.find(number) is state.find(number)
        kept = [handed for handed in after.handed if handed.stream == number]
        assert len(kept) == 1
        assert kept[0] is held
        for effect in effects:
            match effect:
                case Returned():
                    pass
                case Unblocked(unblocked):
                    assert unblocked != number
                case Accepted() | TurnedAway():
                    raise AssertionError("no push waits")
                case _:
                    assert effect.pull != held.pull
                    assert effect.pull != pull
    assert after.next_stream == state.next_stream + isinstance(op, Create)
    assert after.next_pull == state.next_pull + isinstance(op, Pull)


def cancel_leaves_the_other_alone(step: Stepper, given: Two, pull: PullId) -> None:
    leaves_the_other_alone(step, given, given.owner(pull), CancelPull(pull))


def seen_leaves_streams_alone(step: Stepper, given: Two, pull: PullId) -> None:
    """Both of them: only the hold on the chunk ends."""
    state = given.state()
    after, effects = step(state, Seen(pull))
    assert effects == ()
    assert after.streams is state.streams
    left = [handed for handed in state.handed if handed.pull != pull]
    assert len(after.handed) == len(left)
    for handed, due in zip(after.handed, left, strict=True):
        assert handed is due


def create_makes_a_third(step: Stepper, given: Two) -> None:
    leaves_the_other_alone(step, given, 3, Create())
    after, effects = step(given.state(), Create())
    assert effects == (Returned(3),)
    assert len(after.streams) == 3
    assert after.find(3) == Idle()


def clear_is_both_deletes(step: Stepper, given: Two) -> None:
    state = given.state()
    after, effects = step(state, Clear())
    between, first = step(state, Delete(1))
    deleted, second = step(between, Delete(2))
    assert effects == first + second
    assert after.streams == deleted.streams == ()
    assert after.handed is state.handed
    assert (after.next_stream, after.next_pull) == (deleted.next_stream, deleted.next_pull)
