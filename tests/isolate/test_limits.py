"""What a guest may make its host hold, and what may cross between them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streamstate import PLAN_01, StreamStateRegistry
from streamstate.isolate import GuestError, Isolate, Quota
from tests.isolate.guests import begun, in_isolate, until_quiet


def test_what_the_guest_holds_is_limited() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        async def refused(source: str) -> None:
            with pytest.raises(GuestError, match="a guest may have") as told:
                await isolate.eval(source)
            assert told.value.name == "RangeError"

        await isolate.eval("for (let i = 0; i < 50; i++) __Stream_create(); 0")
        await refused("__Stream_create()")
        registry.delete(1)
        assert await isolate.eval("__Stream_create()") == 51
        await isolate.eval("for (let i = 2; i < 42; i++) __Stream_pull(i); 0")
        await refused("__Stream_pull(43)")
        await refused("__Stream_writer(43).write([1])")
        registry.push(2, b"x")
        await isolate.quiet()
        await isolate.eval("__Stream_pull(43); 0")
        registry.clear()
        await isolate.quiet()
        stream = registry.create()
        await isolate.eval(f"__Stream_push({stream}, new Uint8Array(600)); 0")
        await refused(f"__Stream_push({stream}, new Uint8Array(600))")
        await refused(f"__Stream_error({stream}, 'm'.repeat(600))")
        await registry.pull(stream)
        assert await isolate.eval(f"__Stream_push({stream}, new Uint8Array(600))") is True
        await isolate.eval(f"__Stream_pull({stream})")
        await isolate.eval(f"__Stream_error({stream}, 'm'.repeat(900))")
        await refused(f"__Stream_push({registry.create()}, new Uint8Array(600))")

    in_isolate(body, quota=Quota(streams=50, waiting=40, held_bytes=1_000))


def test_a_hundred_thousand_streams_and_pulls() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        many = 100_000
        await isolate.eval(f"for (let i = 0; i < {many}; i++) __Stream_create(); 0")
        await isolate.eval(
            f"""globalThis.told = 0;
            for (let i = 1; i <= {many}; i++) __Stream_pull(i).catch(() => {{ told += 1; }}); 0"""
        )
        registry.clear()
        await isolate.quiet()
        assert await isolate.eval("told") == many

    in_isolate(body, quota=Quota(streams=100_000, waiting=100_000), memory_limit=256 * 1024 * 1024)


@pytest.mark.parametrize("mine", [True, False])
def test_what_the_host_pushed_makes_no_room_for_more(mine: bool) -> None:
    """A guest that pulls it at once has a stream of its own, or the host's, to push to."""

    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        stream = registry.create()
        for _ in range(10):
            registry.push(stream, bytes(1_000))
        told = await isolate.eval(
            f"""(async () => {{
              const to = {"__Stream_create()" if mine else stream};
              let accepted = 0;
              try {{
                for (; accepted < 100; accepted++) {{
                  __Stream_push(to, new Uint8Array(600));
                  await __Stream_pull({stream});
                }}
              }} catch (error) {{ return [accepted, error.name] }}
            }})()"""
        )
        assert told == [1, "RangeError"]

    in_isolate(body, quota=Quota(held_bytes=1_000))


def test_what_the_guest_has_pulled_again_makes_room_in_the_same_turn() -> None:
    async def body(isolate: Isolate, _registry: StreamStateRegistry) -> None:
        await isolate.eval(
            """(async () => {
              const id = __Stream_create();
              for (let n = 0; n < 100; n++) {
                __Stream_push(id, new Uint8Array(600));
                await __Stream_pull(id);
              }
            })()"""
        )

    in_isolate(body, quota=Quota(held_bytes=1_000))


def test_empty_chunks_are_not_held_for_nothing() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        push = """const chunk = new Uint8Array(0); let count = 0;
            try { for (; count < 200; count++) __Stream_push(1, chunk); }
            catch (error) { [count, error.name] }"""
        assert await isolate.eval(push) == [100, "RangeError"]
        while (view := registry.get(1)) is not None and view.queue:
            await registry.pull(1)
        assert await isolate.eval(push) == [100, "RangeError"]

    in_isolate(body, quota=Quota(held_bytes=6_400))


def test_empty_chunks_that_wait_to_be_written_are_not_held_for_nothing() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        refused = await isolate.eval(
            """const writer = __Stream_writer(1); globalThis.refused = 0;
            for (let n = 0; n < 200; n++) {
              writer.write(new Uint8Array(0)).catch((error) => {
                if (error.name === "RangeError") refused += 1;
              });
            }
            (async () => { await null; await null; return refused })()"""
        )
        assert refused == 100
        registry.delete(1)
        await until_quiet(isolate)
        registry.create()
        assert await isolate.eval("__Stream_push(2, new Uint8Array(6336))") is True

    in_isolate(body, quota=Quota(held_bytes=6_400))


def test_messages_on_streams_of_the_host_count_as_held() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        for _ in range(3):
            registry.create()
        told = await isolate.eval(
            """const errored = [];
            try {
              for (const id of [1, 2, 3]) __Stream_error(id, 'm'.repeat(400)), errored.push(id);
            } catch (error) { [errored, error.name] }"""
        )
        assert told == [[1, 2], "RangeError"]

    in_isolate(body, quota=Quota(held_bytes=1_000))


@pytest.mark.parametrize("wrong", [{"streams": 0}, {"waiting": -1}, {"held_bytes": 1.5}])
def test_a_quota_is_of_integers_from_1_on(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Quota(**wrong)


@pytest.mark.parametrize("waits_before", [True, False])
def test_chunks_that_are_on_their_way_to_the_guest_count_as_held(waits_before: bool) -> None:
    """Pulled as they are, they stay with the host until the guest's next turn."""

    async def body(isolate: Isolate, _registry: StreamStateRegistry) -> None:
        told = await isolate.eval(
            f"""const chunk = new Uint8Array(600), before = {str(waits_before).lower()};
            __Stream_pull(__Stream_create()), __Stream_push(1, new Uint8Array(1));
            let count = 0;
            try {{
              for (; count < 100; count++) {{
                const id = __Stream_create();
                if (before) __Stream_pull(id);
                __Stream_push(id, chunk);
                if (!before) __Stream_pull(id);
              }}
            }} catch (error) {{ [count, error.name] }}"""
        )
        assert told == [14, "RangeError"]
        await isolate.quiet()
        assert await isolate.eval("__Stream_push(__Stream_create(), new Uint8Array(600))")

    in_isolate(body, quota=Quota(held_bytes=10_000))


TOO_LARGE = [
    "const text = 'x'.repeat(2 ** 20); Array(100).fill(text)",
    "const text = 'x'.repeat(2 ** 20); (async () => Array(100).fill(text))()",
    "const text = 'x'.repeat(2 ** 20); take(Array(100).fill(text))",
    "give()",
    "__Stream_pull(1)",
    "__Stream_pull(2)",
]


def test_what_is_too_large_to_cross_is_a_range_error() -> None:
    """What comes out of a guest counts once for each time that it is there."""

    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        isolate.bind("take", lambda _: None)
        isolate.bind("give", lambda: b"x" * 2**25)
        registry.push(registry.create(), b"x" * 2**25)
        registry.create()
        asked = [begun(isolate.eval(source)) for source in TOO_LARGE]
        await until_quiet(isolate)
        registry.push(2, b"x" * 2**25)
        for each in asked:
            with pytest.raises(GuestError, match="too large") as told:
                await each
            assert told.value.name == "RangeError"
        with pytest.raises(GuestError, match="too large"):
            await isolate.eval(f"'{'x' * 2**25}'")
        assert await isolate.eval("1") == 1

    in_isolate(body, memory_limit=2**24)


GONE = [
    "const bytes = new Uint8Array(4); bytes.buffer.transfer(); bytes",
    "const buffer = new ArrayBuffer(4); buffer.transfer(); buffer",
    "const buffer = new ArrayBuffer(8, { maxByteLength: 8 }), bytes = new Uint8Array(buffer, 4);"
    " buffer.resize(2); bytes",
]


@pytest.mark.parametrize("source", GONE)
def test_bytes_whose_buffer_has_gone_are_refused(source: str, engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        taken: list[object] = []
        isolate.bind("take", taken.append)
        start, _, last = source.rpartition(" ")
        for use in (last, f"[{last}]", f"take({last})", f"__Stream_push(1, {last})"):
            with pytest.raises(GuestError) as told:
                await isolate.eval(f"{start} {use}")
            assert told.value.name == "TypeError"
        assert taken == []
        view = registry.get(1)
        assert view is not None
        assert view.queue == ()

    in_isolate(body, engine=engine)


def test_calls_of_host_functions_that_wait_are_limited_as_well() -> None:
    begun_calls: list[None] = []

    async def never() -> None:
        begun_calls.append(None)
        await asyncio.Event().wait()

    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        isolate.bind("never", never)
        isolate.bind("now", lambda: 7)
        told = await isolate.eval(
            "let n = 0; try { for (; n < 1000; n++) never() } catch (error) { [n, error.name] }"
        )
        assert told == [40, "RangeError"]
        with pytest.raises(GuestError, match="waiting"):
            await isolate.eval("__Stream_pull(1)")
        assert await isolate.eval("now()") == 7
        await asyncio.sleep(0)
        assert len(begun_calls) == 40

    in_isolate(body, quota=Quota(waiting=40))


def test_pulls_beyond_the_limit_take_no_longer_than_those_before() -> None:
    """Refused, they look through all that wait, which is counted."""
    looks = 0

    class Counted(dict[int, object]):
        def items(self) -> Any:
            nonlocal looks
            looks += 1
            return super().items()

    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        isolate._outbox.open_tickets = Counted(isolate._outbox.open_tickets)
        for _ in range(2):
            await isolate.eval("for (let n = 0; n < 500; n++) __Stream_pull(1).catch(() => 0); 0")

    in_isolate(body, quota=Quota(waiting=40), dialect=PLAN_01)
    assert looks == 2
