"""An engine in a process of its own: what it holds that limits cannot."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
from typing import Any

import pytest

from streamstate import StreamDeleted, get_stream_registry_for_context
from streamstate.isolate import EngineFailed, Isolate, IsolateDisposed, TimeLimitExceeded
from streamstate.isolate.frames import HEAD, Frames, packed
from tests.isolate.guests import begun


def test_long_native_operations_are_ended() -> None:
    async def main() -> None:
        async with Isolate(process=True, time_limit=0.2) as isolate:
            registry = get_stream_registry_for_context(isolate)
            waiting = begun(registry.pull(registry.create()))
            with pytest.raises(TimeLimitExceeded):
                await isolate.eval("for (;;) { try { for (let x = 3n; ; ) x = x * x } catch {} }")
            with pytest.raises(StreamDeleted):
                await waiting

    asyncio.run(main())


def test_a_busy_guest_leaves_the_event_loop_alone() -> None:
    async def main() -> None:
        async with Isolate(process=True, time_limit=20.0) as isolate:
            isolate.bind("is_over", lambda: len(went) > 100)
            went: list[int] = []

            async def others() -> None:
                for number in range(200):
                    await asyncio.sleep(0)
                    went.append(number)

            other = begun(others())
            await isolate.eval("while (!is_over());")
            await other

    asyncio.run(main())


def test_the_death_of_the_process_ends_the_isolate() -> None:
    async def main() -> None:
        async with Isolate(process=True) as isolate:
            registry = get_stream_registry_for_context(isolate)
            waiting = begun(registry.pull(registry.create()))
            isolate.bind("die", lambda: os.kill(child_of(isolate).pid, signal.SIGKILL))
            with pytest.raises(EngineFailed, match="has died"):
                await isolate.eval("die(); for (;;);")
            with pytest.raises(StreamDeleted):
                await waiting

    asyncio.run(main())


def test_the_death_of_the_process_between_two_turns_ends_the_isolate() -> None:
    async def main() -> None:
        async with Isolate(process=True) as isolate:
            registry = get_stream_registry_for_context(isolate)
            waiting = begun(registry.pull(registry.create()))
            os.kill(child_of(isolate).pid, signal.SIGKILL)
            with pytest.raises(StreamDeleted):
                await waiting
            with pytest.raises(EngineFailed, match="has died"):
                await isolate.eval("1")

    asyncio.run(main())


@pytest.mark.parametrize("message", [["call", "nothing", []], ["call", "__Stream_host_next", [1]]])
def test_a_process_that_calls_what_is_not_there_ends_the_isolate(message: list[Any]) -> None:
    async def main() -> None:
        async with Isolate(process=True) as isolate:
            engine: Any = isolate._turns._engine
            engine._frames._buffer += packed(message)
            with pytest.raises(EngineFailed, match="no message"):
                await isolate.eval("1")

    asyncio.run(main())


def child_of(isolate: Any) -> Any:
    """The process of its engine."""
    return isolate._turns._engine._process


def is_gone(process: Any) -> bool:
    """Whether it was killed, is no zombie, and has left no pipe."""
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    return (process.returncode, process.stdin.closed, process.stdout.closed) == (
        -signal.SIGKILL,
        True,
        True,
    )


def test_a_dispose_waits_for_no_process_and_leaving_does() -> None:
    async def main() -> None:
        async with Isolate(process=True) as isolate:
            registry = get_stream_registry_for_context(isolate)
            waiting = begun(registry.pull(registry.create()))
            await asyncio.sleep(0)
            process = child_of(isolate)
            isolate.dispose()
            assert process.returncode is None
            with pytest.raises(StreamDeleted):
                await waiting
        assert is_gone(process)

    asyncio.run(main())


def test_a_loop_that_closes_leaves_no_process() -> None:
    loop = asyncio.new_event_loop()
    isolate = loop.run_until_complete(Isolate(process=True).__aenter__())
    process = child_of(isolate)
    isolate.dispose()
    loop.close()
    assert is_gone(process)


def test_a_dispose_after_the_loop_is_closed_leaves_no_process() -> None:
    loop = asyncio.new_event_loop()
    isolate = loop.run_until_complete(Isolate(process=True).__aenter__())
    process = child_of(isolate)
    loop.close()
    isolate.dispose()
    assert is_gone(process)


def test_who_disposes_in_a_call_of_the_guest_leaves_no_process() -> None:
    async def main() -> None:
        async with Isolate(process=True) as isolate:
            process = child_of(isolate)
            isolate.bind("end", isolate.dispose)
            with pytest.raises(IsolateDisposed):
                await isolate.eval("end(); for (;;);")
        assert is_gone(process)

    asyncio.run(main())


MESSAGES = [None, True, 1, 2.5, "é\0", b"\x00\xff", [b"a", [None]], {"b": "x", "d": {}}, []]


def test_frames_bring_what_was_sent_however_they_are_cut() -> None:
    data = b"".join(map(packed, MESSAGES))
    for size in (1, 3, len(data)):
        frames = Frames()
        got: list[object] = []
        for at in range(0, len(data), size):
            got += frames.feed(data[at : at + size])
        assert got == MESSAGES


NO_JSON = [b"", b"{", b'{"x":1}', b'{"b":"?"}', b'{"b":-1}', b'{"b":1.0}', b"\xff", b"[" * 99_999]


def framed(described: bytes, rest: bytes = b"") -> bytes:
    body = len(described).to_bytes(HEAD, "big") + described + rest
    return len(body).to_bytes(HEAD, "big") + body


@pytest.mark.parametrize(
    "data",
    [
        *map(framed, NO_JSON),
        bytes(HEAD),
        framed(b'{"b":2}', b"x"),
        framed(b'{"b":2}', b"xyz"),
        framed(b'[{"b":2},{"b":2}]', b"xyz"),
        framed(b'{"b":999999999999}', b"x"),
    ],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    assert list(Frames().feed(framed(b'{"b":2}', b"xy"))) == [b"xy"]
    with pytest.raises(ValueError):  # noqa: PT011  # whichever reads it
        list(Frames().feed(data))


def test_a_frame_that_claims_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="claims"):
        list(Frames().feed(b"\xff\xff\xff\xff"))
    assert json.loads(packed(1)[2 * HEAD :]) == 1


def test_what_no_guest_may_catch_is_raised_where_the_host_runs() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    async def main() -> None:
        async with Isolate(process=True) as isolate:
            isolate.bind("interrupt", interrupt)
            await isolate.eval("try { interrupt() } catch {}; for (;;);")

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())


def test_the_process_of_a_dropped_isolate_goes_with_it() -> None:
    async def main() -> None:
        isolate = await Isolate(process=True).__aenter__()
        process = isolate._turns._engine._process  # type: ignore[union-attr]
        await isolate.eval("1")
        del isolate
        with pytest.warns(ResourceWarning, match="was not disposed"):
            gc.collect()
        assert process.returncode == -signal.SIGKILL
        await asyncio.sleep(0)
        assert process.stdout.closed

    asyncio.run(main())


def test_who_is_cancelled_while_the_process_starts_leaves_none() -> None:
    async def main() -> None:
        isolate = Isolate(process=True)
        starting = begun(isolate.__aenter__())
        await asyncio.sleep(0)
        process = isolate._turns._engine._process  # type: ignore[union-attr]
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        await isolate._turns.freed()
        assert process.returncode == -signal.SIGKILL

    asyncio.run(main())
