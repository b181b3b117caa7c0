"""Writers in other threads write in turn, and only where there is room."""

from __future__ import annotations

from streamstate import Chunk, Limits, StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.in_threads import in_a_thread, of
from tests.registry.support import queue, result_of, start, stream_in

# --- Room ----------------------------------------------------------------------------------------


def test_writers_of_all_threads_write_in_turn_and_only_where_there_is_room(
    quiet: QuietLoop,
) -> None:
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=1))
    stream, ops = registry.create(), of(quiet, registry)
    answers = [ops.submit_write(stream, chunk) for chunk in (b"a", b"b", b"c", b"d")]
    quiet.settle()
    assert [answer.done() for answer in answers] == [True, False, False, False]
    in_a_thread(answers[1].cancel)
    assert result_of(quiet, registry.pull(stream)) == Chunk(b"a")
    assert queue(registry, stream) == (b"c",)
    registry.close(stream)
    quiet.settle()
    assert [answer.result(0) for answer in answers if not answer.cancelled()] == [True, True, False]


def test_a_turn_that_is_given_up_once_it_has_come_is_handed_on(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=1))
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    first, second = (ops.submit_write(stream, chunk) for chunk in (b"b", b"c"))
    quiet.settle()

    async def pull_and_give_up() -> None:
        await registry.pull(stream)
        assert first.cancel()

    result_of(quiet, pull_and_give_up())
    assert second.result(0)
    assert queue(registry, stream) == (b"c",)


def test_tasks_and_threads_stand_in_one_line(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=1))
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)

    async def write(chunk: bytes) -> None:
        async with registry.writer(stream) as write:
            await write(chunk)
            await write(b"")

    first = start(quiet, write(b"of a task"))
    second = ops.submit_write(stream, b"of a thread")
    quiet.settle()
    result_of(quiet, registry.pull(stream))
    assert queue(registry, stream) == (b"of a task",)
    result_of(quiet, registry.pull(stream))
    assert queue(registry, stream) == (b"of a thread",)
    assert second.result(0)
    assert not first.done()


def test_whose_room_was_taken_waits_on(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=1))
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answer = ops.submit_writable(stream)
    quiet.settle()

    async def pull_and_push() -> None:
        await registry.pull(stream)
        registry.push(stream, b"b")

    result_of(quiet, pull_and_push())
    assert not answer.done()
    result_of(quiet, registry.pull(stream))
    quiet.settle()
    assert answer.result(0)
