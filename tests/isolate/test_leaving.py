"""What an end leaves behind: no memory, nothing of another thread, and nothing said too late."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
import weakref

import pytest

from streamstate import (
    Limits,
    StreamDeleted,
    StreamStateRegistry,
    get_stream_registry_for_context,
)
from streamstate.isolate import (
    GuestError,
    Isolate,
    IsolateDisposed,
)
from tests.isolate.guests import begun, chosen, in_isolate


def test_who_is_told_of_the_end_does_not_wait_for_the_memory_to_be_freed() -> None:
    """Which takes as long as there is memory. See `tests.benchmarks.isolate` for how long."""

    async def main() -> None:
        isolate = await Isolate(time_limit=20.0).__aenter__()
        registry = get_stream_registry_for_context(isolate)
        waiting = begun(registry.pull(registry.create()))
        await asyncio.sleep(0)

        def function() -> None: ...

        engine = isolate._turns._engine
        assert engine is not None
        engine.bind("function", function)
        held = weakref.ref(function)
        del function, engine
        isolate.dispose()
        assert held() is not None
        with pytest.raises(StreamDeleted):
            await waiting
        await asyncio.sleep(0)
        assert held() is None

    asyncio.run(main())


def test_memory_is_freed_when_the_block_is_left_though_nothing_in_it_waited() -> None:
    async def main() -> None:
        async with Isolate() as isolate:

            def function() -> None: ...

            engine = isolate._turns._engine
            assert engine is not None
            engine.bind("function", function)
            held = weakref.ref(function)
            del function, engine
        assert held() is None

    asyncio.run(main())


@pytest.mark.parametrize("waits", ["__Stream_writer(1).write([1])", "__Stream_pull(2)"])
def test_a_dropped_isolate_is_collected_though_its_registry_is_kept(waits: str) -> None:
    async def main() -> None:
        isolate = await Isolate(limits=Limits(max_queue_chunks=1)).__aenter__()
        registry = get_stream_registry_for_context(isolate)
        registry.push(registry.create(), b"x")
        registry.create()
        await isolate.eval(f"{waits}; 0")
        gone = weakref.ref(isolate)
        del isolate
        with pytest.warns(ResourceWarning, match="was not disposed"):
            gc.collect()
        assert gone() is None
        await asyncio.sleep(0)
        assert registry.get(1) is None

    asyncio.run(main())


def test_a_stop_iteration_of_the_host_that_escapes_is_a_cause() -> None:
    """No future can have one, and no coroutine raise it."""

    def stop() -> None:
        raise StopIteration("mine")

    async def body(isolate: Isolate, _registry: StreamStateRegistry) -> None:
        isolate.bind("stop", stop)
        with pytest.raises(GuestError, match=r"^StopIteration: mine$") as told:
            await isolate.eval("stop()")
        assert isinstance(told.value.__cause__, StopIteration)

    in_isolate(body)


class Unstoppable(BaseException):
    pass


@pytest.mark.parametrize("kind", [Unstoppable, GeneratorExit])
def test_what_no_guest_may_catch_and_a_task_raised_ends_the_guest(
    kind: type[BaseException], engine: str
) -> None:
    async def interrupt() -> None:
        raise kind("mine")

    async def main() -> None:
        async with Isolate(**chosen(engine), time_limit=20.0) as isolate:
            isolate.bind("interrupt", interrupt)
            with pytest.raises(IsolateDisposed, match=kind.__name__) as told:
                await isolate.eval(
                    "(async () => { for (;;) try { await interrupt() } catch {} })()"
                )
            assert isinstance(told.value.__cause__, kind)

    asyncio.run(main())


def test_an_isolate_that_is_dropped_in_another_thread_goes_in_its_own(
    capfd: pytest.CaptureFixture[str],
) -> None:
    async def main() -> None:
        isolate = await Isolate().__aenter__()

        def function() -> None: ...

        engine = isolate._turns._engine
        assert engine is not None
        engine.bind("function", function)
        held = weakref.ref(function)
        dropped = [isolate]
        del isolate, engine, function

        def drop() -> None:
            dropped.clear()
            with pytest.warns(ResourceWarning, match="was not disposed"):
                gc.collect()
            gc.collect()  # the warning had it

        thread = threading.Thread(target=drop)
        thread.start()
        thread.join()
        assert held() is not None
        await asyncio.sleep(0)
        assert held() is None

    asyncio.run(main())
    assert capfd.readouterr().err == ""


def test_nothing_is_said_of_an_answer_that_nobody_could_wait_for() -> None:
    def leave() -> None:
        raise SystemExit(3)

    said: list[object] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
        async with Isolate() as isolate:
            isolate.bind("leave", leave)
            with pytest.raises(SystemExit):
                await isolate.eval("leave()")
        gc.collect()

    asyncio.run(main())
    assert said == []


def test_nothing_is_said_of_a_call_that_had_not_begun_when_the_guest_ended() -> None:
    async def never() -> None:
        raise AssertionError("it was begun")

    async def main() -> None:
        async with Isolate() as isolate:
            isolate.bind("never", never)
            isolate.bind("dispose", isolate.dispose)
            with pytest.raises(IsolateDisposed):
                await isolate.eval("never(); dispose()")

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        asyncio.run(main())
        gc.collect()
    assert [str(each.message) for each in said] == []
