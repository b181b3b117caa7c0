"""Scopes that break a promise, each caught by the test of it."""

from __future__ import annotations

from asyncio import InvalidStateError, get_running_loop, timeout
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate import pump as moving
from streamstate.registry import BytesLike, scopes
from streamstate.registry.scopes import ReaderScope, StreamScope, WriterScope
from tests.broken.promises import PromiseFault, patching
from tests.pump import test_ending, test_sinks, test_sockets, test_sources
from tests.pump.support import ENDS
from tests.quiet import QuietLoop
from tests.registry import test_scopes, test_scopes_of_readers


async def leave_without_a_word(_self: object, *_how: object) -> None:
    """The example of a service that forgets what it began."""


async def close_whatever_happened(self: WriterScope, *_how: object) -> None:
    self._registry.close(self._stream)


async def error_with_what_was_raised(
    self: WriterScope, _kind: object, raised: BaseException | None, _traceback: object
) -> None:
    if raised is None:
        self._registry.close(self._stream)
    else:
        self._registry.error(self._stream, raised)


async def tell_only_of_exceptions(
    self: WriterScope, _kind: object, raised: BaseException | None, _traceback: object
) -> None:
    if raised is None:
        self._registry.close(self._stream)
    elif isinstance(raised, Exception):
        self._registry.error(self._stream, raised)


async def delete_always(self: ReaderScope, *_how: object) -> None:
    self._registry.delete(self._stream)


async def read_whatever_is_there(self: ReaderScope) -> bytes:
    return await anext(self._chunks)


def once(op: Callable[[], object]) -> None:
    op()


async def push_once(self: WriterScope, chunk: BytesLike) -> bool:
    for part in PARTS(chunk, self._most):
        if not await self._registry.writable(self._stream):
            return False
        self._registry.push(self._stream, part)
    return True


async def push_without_waiting(self: WriterScope, chunk: BytesLike) -> bool:
    return all(self._registry.push(self._stream, part) for part in PARTS(chunk, self._most))


async def push_and_say_so(self: WriterScope, chunk: BytesLike) -> bool:
    for part in PARTS(chunk, self._most):
        await self._registry.writable(self._stream)
        self._registry.push(self._stream, part)
    return True


PARTS: Final = scopes.parts


def whole(chunk: BytesLike, _most: int) -> Iterator[BytesLike]:
    return iter((chunk,))


def views_of_what_changes(chunk: BytesLike, most: int) -> Iterator[BytesLike]:
    view = memoryview(chunk)
    return (view[start : start + most] for start in range(0, len(view) or 1, most))


@asynccontextmanager
async def to_the_end(_registry: object, _stream: int) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def until_the_watch_is_over(
    registry: StreamStateRegistry, stream: int
) -> AsyncIterator[None]:
    """Leaves by a callback, and for whatever reason the watch is over."""
    loop, scope = get_running_loop(), timeout(None)
    watching = loop.create_task(registry.wait_closed(stream))
    with suppress(TimeoutError):
        async with scope:
            watching.add_done_callback(lambda _done: scope.reschedule(loop.time()))
            yield


@asynccontextmanager
async def until_any_timeout(_registry: object, _stream: int) -> AsyncIterator[None]:
    with suppress(TimeoutError):
        yield


async def without_closing(source: AsyncIterable[BytesLike]) -> AsyncGenerator[BytesLike, None]:
    async for chunk in source:
        yield chunk


async def read_ahead(source: AsyncIterable[BytesLike]) -> AsyncGenerator[BytesLike, None]:
    ahead = [await anext(aiter(source)) for _ in range(20)]
    for chunk in ahead:
        yield chunk


MODULES: Final = (
    *(test_scopes, test_scopes_of_readers),
    *(test_ending, test_sinks, test_sockets, test_sources),
)


def scoped(
    name: str,
    owner: object,
    part: str,
    value: object,
    check: str,
    fails_with: type[BaseException] = AssertionError,
    **given: object,
) -> PromiseFault:
    [test] = [getattr(module, check) for module in MODULES if hasattr(module, check)]
    limits = Limits(high_water_mark=4_096)

    def checked(quiet: QuietLoop) -> None:
        if "registry" in test.__code__.co_varnames[: test.__code__.co_argcount]:
            test(StreamStateRegistry(limits=limits), quiet, **given)
        else:
            test(quiet, **given)

    return PromiseFault(name, patching((owner, part, value)), checked, fails_with)


WAITS: Final = InvalidStateError
"""What a test gets that asks a task for its result, while that waits for ever."""

SCOPE_FAULTS: Final = (
    scoped(
        "stream_scope_leaves_its_stream",
        *(StreamScope, "__aexit__", leave_without_a_word),
        "test_a_stream_is_deleted_at_the_end_of_its_block",
        raised=None,
    ),
    scoped(
        "writer_scope_leaves_the_stream_open",
        *(WriterScope, "__aexit__", leave_without_a_word),
        "test_all_arrives_and_then_the_end",
        WAITS,
    ),
    scoped(
        "failure_of_a_writer_looks_like_an_end",
        *(WriterScope, "__aexit__", close_whatever_happened),
        "test_readers_get_the_exception_that_left_the_block",
    ),
    scoped(
        "cancelled_writer_leaves_its_readers_waiting",
        *(WriterScope, "__aexit__", tell_only_of_exceptions),
        "test_a_cancelled_writer_is_no_end_and_no_cancellation_of_its_readers",
        WAITS,
    ),
    scoped(
        "cancelled_writer_is_an_error_without_words",
        *(WriterScope, "__aexit__", error_with_what_was_raised),
        "test_a_cancelled_writer_is_no_end_and_no_cancellation_of_its_readers",
    ),
    scoped(
        "writer_waits_for_no_room",
        *(WriterScope, "write", push_without_waiting),
        "test_nothing_queues_beyond_the_limit_and_one_part",
    ),
    scoped(
        "writer_is_not_told_that_the_stream_is_gone",
        *(WriterScope, "write", push_and_say_so),
        "test_a_writer_is_told_that_the_other_side_is_gone",
        end="delete",
    ),
    scoped(
        "large_chunk_goes_in_one",
        *(scopes, "parts", whole),
        "test_what_is_large_goes_in_parts_each_once_there_is_room",
        kind=bytes,
    ),
    scoped(
        "parts_are_what_the_buffer_is_later",
        *(scopes, "parts", views_of_what_changes),
        "test_what_is_written_is_what_it_was_then",
    ),
    scoped(
        "reader_that_leaves_says_nothing",
        *(ReaderScope, "__aexit__", leave_without_a_word),
        "test_a_reader_that_leaves_early_tells_the_writer",
        WAITS,
    ),
    scoped(
        "reader_at_the_end_deletes",
        *(ReaderScope, "__aexit__", delete_always),
        "test_a_reader_at_the_end_leaves_the_stream_as_it_is",
    ),
    scoped(
        "reader_takes_a_stream_that_is_gone_for_one_that_ended",
        *(ReaderScope, "__anext__", read_whatever_is_there),
        "test_a_stream_that_is_gone_before_its_reader_comes_is_no_end",
        pytest.fail.Exception,
    ),
    scoped(
        "scope_says_nothing_if_a_listener_raised_before",
        *(scopes, "surely", once),
        "test_a_listener_that_raises_keeps_nobody_waiting",
    ),
    scoped(
        "writer_loses_what_was_refused",
        *(WriterScope, "write", push_once),
        "test_a_chunk_that_finds_its_room_taken_waits_for_more",
        when_full="refuse",
    ),
    scoped(
        "pump_takes_a_failed_watch_for_an_end",
        *(moving, "_until_closed", until_the_watch_is_over),
        "test_what_hinders_the_watch_is_no_end",
    ),
    scoped(
        "pump_leaves_a_block_that_it_has_left",
        *(moving, "_until_closed", until_the_watch_is_over),
        "test_an_end_in_the_same_moment_as_a_chunk_leaves_nothing_behind",
    ),
    scoped(
        "pump_waits_on_in_its_source",
        *(moving, "_until_closed", to_the_end),
        "test_when_the_stream_takes_no_more_the_source_is_told_at_once",
        WAITS,
        end=ENDS["delete"],
        chunks=0,
    ),
    scoped(
        "pump_leaves_its_generator_open",
        *(moving, "_from_async", without_closing),
        "test_when_the_stream_takes_no_more_the_source_is_told_at_once",
        end=ENDS["delete"],
        chunks=9,
    ),
    scoped(
        "pump_takes_any_timeout_for_its_own",
        *(moving, "_until_closed", until_any_timeout),
        "test_a_timeout_of_the_source_is_an_error_and_not_an_end",
    ),
    scoped(
        "pump_reads_ahead",
        *(moving, "_from_async", read_ahead),
        "test_it_takes_from_its_source_what_there_is_room_for",
    ),
)
