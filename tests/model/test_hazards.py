"""Each hazard shows in exactly the dialects that are said to have it, and in nothing shorter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from streamstate.model import (
    HAZARDS,
    ISOLATE,
    PLAN_01,
    REFERENCE,
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Hazard,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Rejected,
    Seen,
    State,
    Waiting,
    hazards,
    initial,
    lattice,
    step,
    view,
)
from streamstate.model.invariants import waiting_pulls, waiting_pushes
from tests.laws import Happening, record
from tests.laws.history import blocked
from tests.thorough import one_in

ALPHABET: tuple[Op, ...] = (
    Create(),
    Push(1, b"a"),
    Push(1, b"bcd"),
    Pull(1),
    Close(1),
    Error(1, "boom"),
    IsQueueFull(1),
    Delete(1),
    Clear(),
    CancelPull(1),
    Seen(1),
    CancelPush(1),
)
LONGER = 5
"""So long are the programs of which none shows a hazard in a dialect that has not got it."""


def dangling_pull(happening: Happening) -> bool:
    """A pull waited, waits no more, and was neither answered nor cancelled."""
    before, after = _waiting(happening.before), _waiting(happening.after)
    op = happening.op
    cancelled = {op.pull} if isinstance(op, CancelPull) else set()
    return bool(before - after - set(happening.settled) - cancelled)


def _waiting(state: State) -> set[int]:
    return {pull for _, stream in state.streams for pull in waiting_pulls(stream)}


def unbounded_pulls(happening: Happening) -> bool:
    """A second pull waits, and nothing distinguishes a third from it."""
    return any(isinstance(one, Waiting) and one.others for _, one in happening.after.streams)


def unreachable_bytes(happening: Happening) -> bool:
    """A pull on a stream with chunks queued is rejected and leaves them there."""
    for number, _ in happening.after.streams:
        shown = view(happening.after, number)
        after, effects = step(happening.after, Pull(number))
        rejected = any(isinstance(effect, Rejected) for effect in effects)
        if shown is not None and shown.queue and rejected and view(after, number) == shown:
            return True
    return False


def dropped_bytes(happening: Happening) -> bool:
    """Fewer chunks are queued or handed than before, and the stream is still there."""
    if isinstance(happening.op, Seen):
        return False
    return any(
        _held(happening.before, number) > _held(happening.after, number)
        for number, _ in happening.after.streams
    )


def _held(state: State, number: int) -> int:
    shown = view(state, number)
    handed = sum(one.stream == number for one in state.handed)
    return handed + (len(shown.queue) if shown is not None else 0)


def unbounded_queue(happening: Happening) -> bool:
    """A push to a full stream is accepted."""
    return _pushed_to_full(happening) and happening.returned is True


def refused_bytes(happening: Happening) -> bool:
    """A push to a stream that is open is not accepted."""
    return _pushed_to_full(happening) and happening.returned is False


def _pushed_to_full(happening: Happening) -> bool:
    return isinstance(happening.op, Push) and happening.op.stream in blocked(happening.before)


def unbounded_pushes(happening: Happening) -> bool:
    """A second push waits, and nothing distinguishes a third from it."""
    return any(len(waiting_pushes(one)) > 1 for _, one in happening.after.streams)


EXHIBITS: dict[str, Callable[[Happening], bool]] = {
    "dangling-pull": dangling_pull,
    "unbounded-pulls": unbounded_pulls,
    "unreachable-bytes": unreachable_bytes,
    "dropped-bytes": dropped_bytes,
    "unbounded-queue": unbounded_queue,
    "refused-bytes": refused_bytes,
    "unbounded-pushes": unbounded_pushes,
}


@cache
def runs(dialect: Dialect, limits: Limits, depth: int) -> tuple[Happening, ...]:
    """The last op of every program of up to `depth` ops, once per state in which it is done."""
    return tuple(_explore(initial(dialect, limits), depth))


def _explore(start: State, depth: int) -> Iterator[Happening]:
    known, frontier = {start}, [start]
    for _ in range(depth):
        happenings = [record(step, state, [op])[0] for state in frontier for op in ALPHABET]
        yield from happenings
        frontier = list({one.after: None for one in happenings if one.after not in known})
        known.update(frontier)


def test_every_hazard_is_recognised() -> None:
    assert [hazard.name for hazard in HAZARDS] == list(EXHIBITS)


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.name)
def test_program_shows_it_in_exactly_the_dialects_that_have_it(hazard: Hazard) -> None:
    for dialect in lattice():
        *earlier, last = record(step, initial(dialect, hazard.limits), hazard.program)
        exhibits = EXHIBITS[hazard.name]
        assert exhibits(last) == (hazard in hazards(dialect)), str(dialect)
        assert not any(map(exhibits, earlier))


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.name)
def test_no_shorter_program_shows_it(hazard: Hazard) -> None:
    for dialect in lattice():
        shorter = runs(dialect, hazard.limits, len(hazard.program) - 1)
        assert not any(map(EXHIBITS[hazard.name], shorter)), str(dialect)


@pytest.mark.parametrize("hazard", one_in(3, HAZARDS), ids=lambda hazard: hazard.name)
def test_longer_programs_do_not_show_it_elsewhere(hazard: Hazard) -> None:
    without = [dialect for dialect in lattice() if hazard not in hazards(dialect)]
    for dialect in without:
        longer = runs(dialect, hazard.limits, LONGER)
        assert not any(map(EXHIBITS[hazard.name], longer)), str(dialect)


def test_hazards_of_the_named_dialects() -> None:
    named = {dialect: [one.name for one in hazards(dialect)] for dialect in (REFERENCE, PLAN_01)}
    assert named == {
        REFERENCE: ["unreachable-bytes", "unbounded-queue"],
        PLAN_01: ["dangling-pull", "unreachable-bytes", "unbounded-queue"],
    }
    assert [one.name for one in hazards(ISOLATE)] == ["dangling-pull", "unbounded-queue"]
