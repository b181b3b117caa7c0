"""However a guest ends, with whatever waiting: all are told, nothing is left, none else notices."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import weakref

import pytest

from streamstate import (
    Chunk,
    StreamDeleted,
    StreamStateRegistry,
    get_stream_registry_for_context,
)
from streamstate.isolate import (
    GuestError,
    Isolate,
    IsolateDisposed,
    IsolateEnded,
    MemoryLimitExceeded,
    TimeLimitExceeded,
)
from tests.isolate.guests import ENGINES, begun, chosen, in_isolate, until_quiet

ENDS: dict[str, tuple[str, type[IsolateEnded]]] = {
    "it loops": ("for (;;);", TimeLimitExceeded),
    "a promise of its loops": ("Promise.resolve().then(() => { for (;;); }); 0", TimeLimitExceeded),
    "its promises never end": ("(async () => { for (;;) await null; })(); 0", TimeLimitExceeded),
    "it fills its memory": (
        "globalThis.all = []; for (;;) all.push(new Uint8Array(100_000).fill(1))",
        MemoryLimitExceeded,
    ),
    "it fills its memory with small things": (
        "globalThis.all = []; for (;;) all.push({})",
        MemoryLimitExceeded,
    ),
    "it is disposed by a host function": ("dispose(); 1", IsolateDisposed),
}


CASES = [
    pytest.param(end, engine, marks=[] if engine == ENGINES[0] else pytest.mark.thorough)
    for engine in ENGINES
    for end, (_, reason) in ENDS.items()
    if (engine, reason) != ("quickjs-rs", MemoryLimitExceeded)  # whose limit is of its own
]


async def require_over(isolate: Isolate, reason: type[IsolateEnded]) -> None:
    """Whatever is asked of it says so."""
    assert isinstance(isolate.ended, reason)
    for call in (isolate.eval("1"), isolate.call("f"), isolate.load("1"), isolate.quiet()):
        with pytest.raises(reason):
            await call
    with pytest.raises(reason):
        isolate.bind("f", print)
    with pytest.raises(reason):
        get_stream_registry_for_context(isolate)


@pytest.mark.parametrize(("end", "engine"), CASES)
def test_all_who_wait_are_told(end: str, engine: str) -> None:
    source, reason = ENDS[end]

    async def main() -> None:
        async with Isolate(time_limit=20.0) as other:
            neighbour = get_stream_registry_for_context(other)
            neighbour.push(neighbour.create(), b"kept")
            async with Isolate(
                time_limit=0.3 if reason is TimeLimitExceeded else 20.0,
                memory_limit=8 * 1024 * 1024,
                **chosen(engine),
            ) as isolate:
                isolate.bind("dispose", isolate.dispose)
                registry = get_stream_registry_for_context(isolate)
                registry.create()
                ours = begun(registry.pull(1))
                for _ in range(16):
                    registry.push((registry.get(2) and 2) or registry.create(), b"x")
                writer = begun(registry.writable(2))
                registry.create()
                theirs = [
                    begun(isolate.eval("__Stream_pull(3)")),
                    begun(isolate.eval("__Stream_writer(2).write([1])")),
                ]
                await until_quiet(isolate)
                with pytest.raises(reason):
                    await isolate.eval(source)
                with pytest.raises(StreamDeleted):
                    await ours
                assert await writer is False
                for told in theirs:
                    with pytest.raises(reason):
                        await told
                assert registry.get(2) is None
                await require_over(isolate, reason)
            assert asyncio.all_tasks() == {asyncio.current_task()}
            assert await other.eval("(async () => (await __Stream_pull(1)).value)()") == b"kept"

    before = threading.active_count()
    asyncio.run(main())
    assert threading.active_count() == before


def test_a_guest_that_throws_lives_on_until_its_block_is_left(engine: str) -> None:
    told: list[asyncio.Future[object]] = []

    async def main() -> None:
        async with Isolate(**chosen(engine), time_limit=20.0) as isolate:
            registry = get_stream_registry_for_context(isolate)
            registry.create()
            waiting = begun(registry.pull(registry.create()))
            asked = begun(isolate.eval("__Stream_pull(1)"))
            told.extend((waiting, asked))
            await until_quiet(isolate)
            await isolate.eval("throw new TypeError('mine')")

    async def seen() -> None:
        try:
            await main()
        finally:
            with pytest.raises(StreamDeleted):
                await told[0]
            with pytest.raises(IsolateDisposed):
                await told[1]

    with pytest.raises(GuestError, match=r"^TypeError: mine$") as thrown:
        asyncio.run(seen())
    assert (thrown.value.name, thrown.value.message) == ("TypeError", "mine")
    assert "<eval>" in thrown.value.stack


def test_after_a_host_function_disposes_the_guest_is_refused_everything(engine: str) -> None:
    told: list[object] = []

    async def main() -> None:
        async with Isolate(**chosen(engine), time_limit=20.0) as isolate:
            isolate.bind("dispose", isolate.dispose)
            isolate.bind("tell", told.append)
            with pytest.raises(IsolateDisposed):
                await isolate.eval(
                    """dispose();
                    const attempt = (op) => { try { op(); } catch (error) { return error.name; } };
                    if (attempt(() => __Stream_create()) !== "IsolateDisposed") for (;;);
                    if (attempt(() => tell(1)) !== "IsolateDisposed") for (;;);
                    Promise.resolve().then(() => tell(2));
                    1"""
                )

    asyncio.run(main())
    assert told == []


def test_what_no_guest_may_catch_is_raised_where_the_host_runs() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    async def main() -> None:
        async with Isolate() as isolate:
            isolate.bind("interrupt", interrupt)
            with pytest.raises(KeyboardInterrupt):
                await isolate.eval("try { interrupt() } catch {}; __Stream_create()")
            assert isinstance(isolate.ended, IsolateDisposed)

    asyncio.run(main())


def test_a_dropped_isolate_is_collected_and_its_readers_are_told() -> None:
    async def main() -> None:
        isolate = await Isolate().__aenter__()
        registry = get_stream_registry_for_context(isolate)
        waiting = begun(registry.pull(registry.create()))
        registry.create()
        await isolate.eval("__Stream_pull(2); 0")
        await asyncio.sleep(0)
        gone = weakref.ref(isolate)
        del isolate
        with pytest.warns(ResourceWarning, match="was not disposed"):
            gc.collect()
        assert gone() is None
        with pytest.raises(StreamDeleted):
            await waiting

    asyncio.run(main())


def test_at_exit_nothing_is_said() -> None:
    program = """
import asyncio
from streamstate import get_stream_registry_for_context
from streamstate.isolate import Isolate

async def main():
    global isolate, waiting
    isolate = await Isolate().__aenter__()
    registry = get_stream_registry_for_context(isolate)
    registry.create()
    waiting = asyncio.ensure_future(isolate.eval("__Stream_pull(1)"))
    await asyncio.sleep(0)

asyncio.run(main())
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=60, check=True
    )
    assert (ran.stdout, ran.stderr) == (b"", b"")


def test_an_isolate_belongs_to_its_loop_and_thread() -> None:
    async def main() -> None:
        async with Isolate() as isolate:
            raised: list[BaseException] = []

            def elsewhere() -> None:
                for act in (isolate.dispose, lambda: asyncio.run(isolate.eval("1"))):
                    try:
                        act()
                    except RuntimeError as error:
                        raised.append(error)

            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join()
            assert ["another" in str(error) for error in raised] == [True, True]
            assert await isolate.eval("1") == 1
            with pytest.raises(RuntimeError, match="started before"):
                await isolate.__aenter__()

    asyncio.run(main())
    with pytest.raises(RuntimeError, match="not started"):
        asyncio.run(Isolate().eval("1"))


def test_a_settlement_after_the_loop_is_closed_loses_no_chunk() -> None:
    loop = asyncio.new_event_loop()
    isolate = loop.run_until_complete(Isolate().__aenter__())
    registry = get_stream_registry_for_context(isolate)
    registry.create()
    loop.run_until_complete(isolate.eval("__Stream_pull(1); 0"))
    loop.close()
    assert registry.push(1, b"kept") is True
    view = registry.get(1)
    assert view is not None
    assert view.queue == (b"kept",)
    isolate.dispose()


def test_giving_up_an_eval_gives_up_its_value_only(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        asked = begun(isolate.eval("__Stream_pull(1).then(() => __Stream_create())"))
        await until_quiet(isolate)
        asked.cancel()
        registry.push(1, b"x")
        await isolate.quiet()
        assert registry.get(2) is not None
        assert await isolate.eval("1") == 1

    in_isolate(body, engine=engine)


def test_contexts_come_and_go() -> None:
    """See `tests.benchmarks.isolate` for ten thousand of them, and what they leave."""

    async def main() -> None:
        gone = []
        for _ in range(50):
            async with Isolate() as isolate:
                registry = get_stream_registry_for_context(isolate)
                stream = await isolate.eval("__Stream_create()")
                registry.push(stream, b"x")
                assert await registry.pull(stream) == Chunk(b"x")
            gone.append((weakref.ref(isolate), weakref.ref(registry)))
        gc.collect()
        assert [(one(), other()) for one, other in gone[:-1]] == [(None, None)] * (len(gone) - 1)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"memory_limit": 10}, "memory_limit must be"),
        ({"memory_limit": 1e9}, "memory_limit must be"),
        ({"memory_limit": 2**63}, "memory_limit must be"),
        ({"time_limit": 0}, "time_limit must be"),
        ({"time_limit": "1"}, "time_limit must be"),
        ({"engine": "v8"}, "engine must be one of jsbox, quickjs-rs, not 'v8'"),
    ],
)
def test_options_are_checked(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Isolate(**options)  # type: ignore[arg-type]
