"""Writers have turns: they are told in the order in which they asked, of room that is there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest

from streamstate import StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.support import Hands, queue, result_of, start, taken
from tests.registry.writers import TWO, blocked, go_on_writing, read, write


@pytest.fixture
def registry() -> StreamStateRegistry:
    return StreamStateRegistry(limits=TWO)


def test_five_writers_in_loops_share_alike(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    names = (b"1", b"2", b"3", b"4", b"5")
    for name in names:
        quiet.loop.create_task(go_on_writing(registry, stream, name))
    result_of(quiet, read(registry, stream, 10))  # until all are in line
    assert Counter(result_of(quiet, read(registry, stream, 1_000))) == dict.fromkeys(names, 200)


def test_a_writer_with_one_message_waits_for_one_round_at_most(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    for name in (b"1", b"2", b"3", b"4"):
        start(quiet, go_on_writing(registry, stream, name))
    result_of(quiet, read(registry, stream, 100))
    start(quiet, write(registry, stream, b"one"))
    assert b"one" in result_of(quiet, read(registry, stream, 2 + 4 + 1))  # queued, and a round


class Counted:
    """Awaits something, and counts how often its frame is resumed."""

    def __init__(self, awaited: Coroutine[Any, Any, bool]) -> None:
        self.awaited = awaited
        self.resumed = 0

    def __await__(self) -> Generator[Any, None, bool]:
        while True:
            self.resumed += 1
            try:
                waits_for = self.awaited.send(None)
            except StopIteration as end:
                return bool(end.value)
            yield waits_for


async def driven(counted: Counted) -> bool:
    return await counted


def wake_ups(writers: int) -> int:
    """How often that many writers of one chunk each are resumed until all have written."""
    with QuietLoop() as quiet:
        registry = StreamStateRegistry(limits=TWO)
        stream = blocked(registry)
        all_of_them = [Counted(write(registry, stream, b"c")) for _ in range(writers)]
        tasks = [quiet.loop.create_task(driven(each)) for each in all_of_them]
        result_of(quiet, read(registry, stream, writers + 2))
        assert all(task.result() for task in tasks)
        return sum(each.resumed for each in all_of_them)


def test_four_times_the_writers_cost_four_times_the_wake_ups() -> None:
    assert wake_ups(1_200) <= 4.4 * wake_ups(300)


def test_a_writer_is_woken_only_for_room_that_is_there(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    writers = [Counted(write(registry, stream, b"c")) for _ in range(5)]
    tasks = [start(quiet, driven(each)) for each in writers]
    for told in range(1, 6):
        taken(registry.pull(stream))
        quiet.settle()
        assert [each.resumed for each in writers] == [2] * told + [1] * (5 - told)
    assert all(task.result() for task in tasks)


def test_they_are_told_in_the_order_in_which_they_asked(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    for name in (b"1", b"2", b"3", b"4", b"5"):
        start(quiet, write(registry, stream, name))
    assert result_of(quiet, read(registry, stream, 7)) == [b"a", b"b", b"1", b"2", b"3", b"4", b"5"]


def test_a_newcomer_does_not_overtake_whoever_is_in_line(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    first = start(quiet, write(registry, stream, b"first"))
    newcomer = quiet.loop.create_task(write(registry, stream, b"newcomer"))
    taken(registry.pull(stream))  # wakes the first, who will run behind the newcomer
    quiet.settle()
    assert (first.done(), newcomer.done()) == (True, False)
    assert queue(registry, stream) == (b"b", b"first")


WAYS = ("cancelled", "closed", "dropped")


def leaving(
    quiet: QuietLoop, registry: StreamStateRegistry, stream: int, way: str
) -> Callable[[], object]:
    """A writer that is in line now, and what makes it leave."""
    if way == "cancelled":
        return start(quiet, registry.writable(stream)).cancel
    held = [registry.writable(stream)]
    start(quiet, sent(held[0]))
    return held[0].close if way == "closed" else held.clear


async def sent(awaited: Coroutine[Any, Any, bool]) -> None:
    awaited.send(None)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("woken", [False, True])
def test_one_that_gives_up_hands_its_turn_on(
    registry: StreamStateRegistry, quiet: QuietLoop, way: str, woken: bool
) -> None:
    stream = blocked(registry)
    leave = leaving(quiet, registry, stream, way)
    second = start(quiet, write(registry, stream, b"second"))
    if woken:
        taken(registry.pull(stream))
        leave()
    else:
        leave()
        del leave
        quiet.settle()
        assert not second.done()
        taken(registry.pull(stream))
    quiet.settle()
    assert second.done(), "the room is nobody's"
    assert queue(registry, stream) == (b"b", b"second")


def test_wait_for_that_is_too_late_leaves_the_line(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    hands = Hands(quiet)
    stream = blocked(registry)
    first = start(quiet, within_five_seconds(registry.writable(stream)))
    second = start(quiet, write(registry, stream, b"second"))
    hands.now = 6
    quiet.settle()
    assert isinstance(first.exception(), TimeoutError)
    assert not second.done()
    taken(registry.pull(stream))
    quiet.settle()
    assert queue(registry, stream) == (b"b", b"second")


async def within_five_seconds(awaited: Coroutine[Any, Any, bool]) -> bool:
    return await asyncio.wait_for(awaited, 5)


def test_one_that_times_out_after_it_was_woken_hands_its_turn_on(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    limit = asyncio.Timeout(None)

    async def limited() -> bool:
        async with limit:
            return await registry.writable(stream)

    first = start(quiet, limited())
    start(quiet, write(registry, stream, b"second"))
    quiet.loop.call_soon(limit.reschedule, 0)  # due already: its callback comes before the wake-up
    quiet.loop.call_soon(lambda: taken(registry.pull(stream)))
    quiet.settle()
    assert isinstance(first.exception(), TimeoutError)
    assert queue(registry, stream) == (b"b", b"second")


def test_one_that_is_told_and_does_not_push_leaves_the_room_to_the_next(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    idle = start(quiet, registry.writable(stream))
    second = start(quiet, write(registry, stream, b"second"))
    taken(registry.pull(stream))
    quiet.settle()
    assert idle.result()
    assert second.result()


ENDS: dict[str, Callable[[StreamStateRegistry, int], None]] = {
    "close": lambda registry, stream: registry.close(stream),
    "error": lambda registry, stream: registry.error(stream, "boom"),
    "delete": lambda registry, stream: registry.delete(stream),
    "clear": lambda registry, _stream: registry.clear(),
}


@pytest.mark.parametrize("first_gives_up", [False, True])
@pytest.mark.parametrize("in_turn", [False, True])
@pytest.mark.parametrize("end", ENDS)
def test_an_end_answers_all(
    registry: StreamStateRegistry, quiet: QuietLoop, end: str, in_turn: bool, first_gives_up: bool
) -> None:
    stream = blocked(registry)
    first, *others = [start(quiet, registry.writable(stream)) for _ in range(4)]
    if in_turn:  # there is room, and all four are in line
        taken(registry.pull(stream))
    ENDS[end](registry, stream)
    if first_gives_up:
        first.cancel()
    quiet.settle()
    assert [task.done() and task.result() for task in others] == [False] * 3
    assert all(task.done() for task in (first, *others))


@pytest.mark.parametrize("woken", [False, True])
def test_those_of_a_closed_loop_are_in_nobodys_way(
    registry: StreamStateRegistry, quiet: QuietLoop, woken: bool
) -> None:
    stream = blocked(registry)
    other = QuietLoop()
    gone = [start(other, registry.writable(stream)) for _ in range(2)]
    if woken:
        taken(registry.pull(stream))
        registry.push(stream, b"c")
    other.loop.close()
    writer = start(quiet, write(registry, stream, b"new"))
    assert not writer.done()
    taken(registry.pull(stream))
    quiet.settle()
    assert writer.result()
    for task in gone:  # whose end their loop can report to nobody
        task._log_destroy_pending = False  # type: ignore[attr-defined]


def test_a_turn_that_was_given_on_a_closed_loop_is_given_again(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    other = QuietLoop()
    gone = [start(other, registry.writable(stream)) for _ in range(2)]
    taken(registry.pull(stream))
    other.loop.close()
    assert start(quiet, write(registry, stream, b"new")).done()
    assert queue(registry, stream) == (b"b", b"new")
    for task in gone:
        task._log_destroy_pending = False  # type: ignore[attr-defined]


def test_the_room_can_be_taken_by_somebody_who_did_not_ask(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    first, second = (start(quiet, write(registry, stream, name)) for name in (b"1", b"2"))
    taken(registry.pull(stream))
    registry.push(stream, b"stranger")
    quiet.settle()
    assert (first.done(), second.done()) == (False, False)
    taken(registry.pull(stream))
    quiet.settle()
    assert (first.done(), second.done()) == (True, False)  # it kept its place
    assert queue(registry, stream) == (b"stranger", b"1")
