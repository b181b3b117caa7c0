"""Readers and writers over a stream, and the web's streams where the guest brings them."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamstate import Chunk, Limits, StreamDeleted, StreamStateRegistry
from streamstate.isolate import GuestError, Isolate
from tests.conftest import MISSING
from tests.isolate.guests import begun, in_isolate, until_quiet

READ = """
async function read(id) {
  const sizes = [];
  for await (const chunk of __Stream_reader(id)) sizes.push(chunk.length);
  return sizes;
}
async function write(id, count, size) {
  const writer = __Stream_writer(id);
  for (let n = 0; n < count; n++) if (!await writer.write(new Uint8Array(size).fill(n))) return n;
  writer.close();
  return count;
}
"""


def test_a_reader_has_all_chunks_to_the_end(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(READ)
        stream = registry.create()
        registry.push(stream, b"ab")
        asked = begun(isolate.call("read", stream))
        await until_quiet(isolate)
        registry.push(stream, b"")
        registry.push(stream, b"abc")
        registry.close(stream)
        assert await asked == [2, 0, 3]
        assert await isolate.call("read", 99) == []

    in_isolate(body, engine=engine)


def test_a_stream_that_was_deleted_does_not_look_as_if_it_had_ended(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(READ)
        await isolate.eval(f"globalThis.reader = __Stream_reader({registry.create()}); 0")
        registry.delete(1)
        with pytest.raises(StreamDeleted):
            await isolate.eval("reader.next()")
        asked = begun(isolate.call("read", registry.create()))
        await until_quiet(isolate)
        registry.delete(2)
        with pytest.raises(StreamDeleted):
            await asked

    in_isolate(body, engine=engine)


def test_who_stops_reading_leaves_the_rest(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        stream = registry.create()
        registry.push(stream, b"1")
        registry.push(stream, b"2")
        await isolate.eval("(async () => { for await (const c of __Stream_reader(1)) break; })()")
        assert await registry.pull(stream) == Chunk(b"2")

    in_isolate(body, engine=engine)


def test_a_writer_waits_for_room_and_never_overfills(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(READ)
        stream = registry.create()
        asked = begun(isolate.call("write", stream, 20, 3))
        view = registry.get(stream)
        assert view is not None
        got = []
        async for chunk in registry.chunks(stream):
            got.append(chunk)
            await until_quiet(isolate)
            assert len(view.queue) <= 2
        assert got == [bytes([n]) * 3 for n in range(20)]
        assert await asked == 20

    in_isolate(body, engine=engine, limits=Limits(max_queue_chunks=2))


def test_writers_of_both_sides_take_turns() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(READ)
        stream = registry.create()
        registry.push(stream, b"first")
        guest = begun(isolate.call("write", stream, 1, 1))
        await until_quiet(isolate)

        async def host() -> bool:
            return await registry.writable(stream) and registry.push(stream, b"host")

        ours = begun(host())
        await until_quiet(isolate)
        got = []
        for _ in range(3):
            got.append(await registry.pull(stream))
            await until_quiet(isolate)
        assert got[:2] == [Chunk(b"first"), Chunk(b"\x00")]
        assert await guest == 1
        assert await ours is False  # the guest closed the stream

    in_isolate(body, limits=Limits(max_queue_chunks=1))


def test_a_writer_hears_that_its_stream_has_gone(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(READ)
        stream = registry.create()
        asked = begun(isolate.call("write", stream, 5, 1))
        await until_quiet(isolate)
        registry.delete(stream)
        assert await asked == 1

    in_isolate(body, engine=engine, limits=Limits(max_queue_chunks=1))


POLYFILL = Path(__file__).parent.parent / "implementations" / "node" / "node_modules"
POLYFILL_FILE = POLYFILL / "web-streams-polyfill" / "dist" / "polyfill.js"


def polyfill() -> str:
    """Not part of the test environment, so what needs it says by name that it was skipped."""
    if not POLYFILL_FILE.exists():
        install = "npm install --no-package-lock, in tests/implementations/node"
        pytest.skip(MISSING + install)
    return POLYFILL_FILE.read_text("utf-8")


def test_streams_of_the_web_over_a_stream(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(polyfill())
        source, sink = registry.create(), registry.create()
        asked = begun(
            isolate.eval(
                f"""const upper = new TransformStream({{ transform(chunk, controller) {{
                  controller.enqueue(chunk.map((byte) => byte & ~32)); }} }});
                __Stream_readable({source}).pipeThrough(upper).pipeTo(__Stream_writable({sink}))"""
            )
        )

        async def produce() -> None:
            for word in (b"to", b"be", b"or"):
                if await registry.writable(source):
                    registry.push(source, word)
            registry.close(source)

        producing = begun(produce())
        got = [chunk async for chunk in registry.chunks(sink)]
        await producing
        assert got == [b"TO", b"BE", b"OR"]
        assert await asked is None

    in_isolate(body, engine=engine, limits=Limits(max_queue_chunks=1))


def test_errors_and_cancels_go_through_streams_of_the_web() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(polyfill())
        for _ in range(3):
            registry.create()
        registry.error(1, KeyError("mine"))
        with pytest.raises(KeyError, match="mine"):
            await isolate.eval("__Stream_readable(1).getReader().read()")
        await isolate.eval("__Stream_readable(2).cancel(new Error('enough'))")
        with pytest.raises(GuestError, match=r"^enough$"):
            await registry.pull(2)
        assert registry.push(2, b"x") is False
        await isolate.eval("__Stream_writable(3).abort('no more')")
        with pytest.raises(GuestError, match=r"^no more$"):
            await registry.pull(3)
        with pytest.raises(GuestError, match="has gone"):
            await isolate.eval("__Stream_writable(3).getWriter().write(new Uint8Array(1))")

    in_isolate(body)


def test_without_the_class_the_guest_is_told() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        with pytest.raises(GuestError):
            await isolate.eval("__Stream_readable(1)")

    in_isolate(body)
