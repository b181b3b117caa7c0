"""Faults of the shell: the table is right, and what is done by it is not."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from streamstate.model import Action, Chunk, Clear, Deleted, Done, Level, PullResult, StreamId
from streamstate.registry import StreamStateRegistry, actions, core, pull
from streamstate.registry import record as records
from streamstate.registry.level import measured
from streamstate.registry.outside import Caller, Outside
from streamstate.registry.record import Over, Record, Waiter
from tests.broken.patches import Patch, do_right, instead_of, patching, together


@dataclass(frozen=True, slots=True)
class ShellFault:
    """`patch` makes the registry wrong. `steps`: see `TableFault`; of a fault that shows on an
    event loop only, how many steps the random walk of that seed takes to show it."""

    name: str
    patch: Patch
    steps: int
    dialect: str = "reference"


def nothing(_outside: Outside, _record: Record, _subject: object) -> None:
    pass


def leave_nothing(_outside: Outside, _record: Record, waiter: Waiter) -> None:
    waiter.outcome = Over.SPENT


def stack(outside: Outside, record: Record, chunk: bytes) -> None:
    do_right(Action.APPEND, outside, record, chunk)
    assert record.queue is not None
    record.queue.rotate(1)


def append_uncounted(outside: Outside, record: Record, chunk: bytes) -> None:
    do_right(Action.APPEND, outside, record, chunk)
    record.size -= len(chunk)


def append_twice(outside: Outside, record: Record, chunk: bytes) -> None:
    do_right(Action.APPEND, outside, record, chunk)
    if chunk == b"bbb":
        do_right(Action.APPEND, outside, record, chunk)


def append_nothing_if_empty_before(outside: Outside, record: Record, chunk: bytes) -> None:
    if len(record.queue or ()) != 1:
        do_right(Action.APPEND, outside, record, chunk)


def hand_queued_counted(outside: Outside, record: Record, waiter: Waiter) -> None:
    size = record.size
    do_right(Action.HAND_QUEUED, outside, record, waiter)
    record.size = size


def hand_the_newest(outside: Outside, record: Record, waiter: Waiter) -> None:
    queue = record.queue
    assert queue is not None
    queue.rotate(1)
    do_right(Action.HAND_QUEUED, outside, record, waiter)
    queue.rotate(-1)


def give_back_first(outside: Outside, record: Record, giver: Waiter) -> None:
    do_right(Action.GIVE_BACK, outside, record, giver)
    assert record.places is not None
    assert record.queue is not None
    index = sorted(record.places).index(giver.place)
    chunk = record.queue[index]
    del record.queue[index]
    record.queue.appendleft(chunk)


def hand_pushed_and_queue(outside: Outside, record: Record, chunk: bytes) -> None:
    do_right(Action.HAND_PUSHED, outside, record, chunk)
    do_right(Action.APPEND, outside, record, chunk)


def hand_to_the_newest_pull(outside: Outside, record: Record, chunk: bytes) -> None:
    waiters = record.pop_waiters()
    newest = waiters.pop()
    record.add_waiter(newest)
    do_right(Action.HAND_PUSHED, outside, record, chunk)
    for waiter in waiters:
        record.add_waiter(waiter)


def give_back_last(outside: Outside, record: Record, giver: Waiter) -> None:
    record.queue = deque() if record.queue is None else record.queue
    outcome = giver.outcome
    assert isinstance(outcome, bytes)
    do_right(Action.APPEND, outside, record, outcome)
    giver.outcome = Over.SPENT


def give_back_uncounted(outside: Outside, record: Record, giver: Waiter) -> None:
    size = record.size
    do_right(Action.GIVE_BACK, outside, record, giver)
    record.size = size


def drop_counted(outside: Outside, record: Record, subject: object) -> None:
    size = record.size
    do_right(Action.DROP_QUEUED, outside, record, subject)
    record.size = size


def finish_one(outside: Outside, record: Record, _subject: object) -> None:
    actions.settle(outside, record.pop_waiter(), Done())
    record.pop_waiters()


def reject_newest_first(outside: Outside, record: Record, _subject: object) -> None:
    for waiter in reversed(record.pop_waiters()):
        actions.settle(outside, waiter, Deleted())


def clear_in_reverse(self: StreamStateRegistry) -> None:
    outside = self._outside
    outside.enter()
    for stream in reversed(list(self._streams)):
        self._delete(stream)
    if outside.announcer is not None:
        outside.announcer.tell(Clear())


def clear_and_start_again(self: StreamStateRegistry) -> None:
    CLEAR(self)
    self._next_stream = 1


def delete_and_reuse(self: StreamStateRegistry, stream: StreamId) -> None:
    DELETE(self, stream)
    self._next_stream = max(self._streams, default=0) + 1


CLEAR: Final = StreamStateRegistry.clear
DELETE: Final = StreamStateRegistry.delete


def never_full(_bytes: int, _chunks: int, count: int, _size: int) -> int:
    return Level.SOME if count else Level.EMPTY


def full_one_late(most_bytes: int, most_chunks: int, count: int, size: int) -> int:
    return measured(most_bytes, most_chunks, count - (count > 0), size)


def measuring(level: Callable[[int, int, int, int], int]) -> Patch:
    return together(*(patching(module, "measured", level) for module in (core, pull, records)))


SHELL_FAULTS: Final = (
    ShellFault("queue_is_a_stack", instead_of(Action.APPEND, stack), 2),
    ShellFault("size_misses_a_push", instead_of(Action.APPEND, append_uncounted), 1),
    ShellFault("one_chunk_is_queued_twice", instead_of(Action.APPEND, append_twice), 1),
    ShellFault(
        "second_chunk_is_lost", instead_of(Action.APPEND, append_nothing_if_empty_before), 2
    ),
    ShellFault("size_misses_a_pull", instead_of(Action.HAND_QUEUED, hand_queued_counted), 2),
    ShellFault("newest_chunk_first", instead_of(Action.HAND_QUEUED, hand_the_newest), 3),
    ShellFault(
        "handed_chunk_is_queued_too", instead_of(Action.HAND_PUSHED, hand_pushed_and_queue), 2
    ),
    ShellFault(
        "newest_pull_first",
        instead_of(Action.HAND_PUSHED, hand_to_the_newest_pull),
        3,
        "reference+overlapping_pull=queue",
    ),
    ShellFault("given_back_chunk_goes_last", instead_of(Action.GIVE_BACK, give_back_last), 4),
    ShellFault(
        "given_back_chunk_is_not_counted", instead_of(Action.GIVE_BACK, give_back_uncounted), 3
    ),
    ShellFault(
        "dropped_chunks_are_counted",
        instead_of(Action.DROP_QUEUED, drop_counted),
        2,
        "reference+errored_backlog=drop",
    ),
    ShellFault(
        "close_finishes_one_pull",
        instead_of(Action.FINISH_WAITING, finish_one),
        3,
        "reference+overlapping_pull=queue",
    ),
    ShellFault(
        "delete_rejects_newest_first",
        instead_of(Action.DELETE_WAITING, reject_newest_first),
        3,
        "reference+overlapping_pull=queue",
    ),
    ShellFault("delete_forgets_the_pull", instead_of(Action.DELETE_WAITING, nothing), 2),
    ShellFault("cancelled_wait_is_not_left", instead_of(Action.LEAVE, leave_nothing), 4),
    ShellFault("error_value_is_forgotten", instead_of(Action.SET_ERROR, nothing), 1),
    ShellFault("unblocked_is_not_told", instead_of(Action.UNBLOCK, nothing), 2),
    ShellFault("clear_is_reversed", patching(StreamStateRegistry, "clear", clear_in_reverse), 3),
    ShellFault(
        "clear_resets_the_numbers", patching(StreamStateRegistry, "clear", clear_and_start_again), 2
    ),
    ShellFault(
        "delete_frees_the_number", patching(StreamStateRegistry, "delete", delete_and_reuse), 3
    ),
    ShellFault("nothing_is_ever_full", measuring(never_full), 2),
    ShellFault("full_comes_a_chunk_late", measuring(full_one_late), 2),
)
"""These show without an event loop."""


def cancel_only_the_waiting(self: Waiter) -> None:
    if self.outcome is None:
        CANCEL(self)


def cancel_nothing(_self: Waiter) -> None:
    pass


def note_no_drop(_self: Outside, _caller: Caller) -> None:
    pass


def look_and_leave_it(self: Waiter) -> PullResult:
    result = LOOK(self)
    if isinstance(result, Chunk):
        self.outcome = result.value
        self.outside.note(self)
    return result


def wake_nobody(_future: asyncio.Future[None]) -> bool:
    return True


CANCEL: Final = Waiter.leave
LOOK: Final = Waiter.look


LOOP_FAULTS: Final = (
    ShellFault("given_back_chunk_goes_first", instead_of(Action.GIVE_BACK, give_back_first), 163),
    ShellFault("cancel_swallows_the_chunk", patching(Waiter, "leave", cancel_only_the_waiting), 25),
    ShellFault("cancel_does_nothing", patching(Waiter, "leave", cancel_nothing), 25),
    ShellFault("drop_is_not_noticed", patching(Outside, "note", note_no_drop), 47),
    ShellFault("seen_chunk_comes_again", patching(Waiter, "look", look_and_leave_it), 7),
    ShellFault("awaiter_is_not_woken", patching(actions, "wake", wake_nobody), 47),
)
"""These show only where something awaits."""
