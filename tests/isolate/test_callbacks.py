"""The callbacks of plan 01, as guest code written for the first implementation calls them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streamstate import (
    ISOLATE,
    PLAN_01,
    Chunk,
    Dialect,
    Done,
    Limits,
    StreamDeleted,
    StreamStateRegistry,
    clear_stream_registry_for_context,
    get_stream_registry_for_context,
)
from streamstate.isolate import GuestError, Isolate, Quota
from tests.isolate.guests import begun, in_isolate, until_quiet

PULL = """
async function pull(id) {
  const options = { result: { promise: true, copy: true } };
  return JSON.parse(await __Stream_pull_ref.apply(undefined, [id], options));
}
"""


def test_what_one_side_creates_and_pushes_the_other_pulls(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(PULL)
        stream = await isolate.eval("__Stream_create()")
        assert registry.create() == stream + 1
        assert await isolate.eval("__Stream_push(1, [1, 2, 300, -1, 2.9, NaN])") is True
        assert await registry.pull(1) == Chunk(bytes([1, 2, 44, 255, 2, 0]))
        registry.push(1, b"\x00\xff")
        assert await isolate.call("pull", 1) == {"done": False, "value": [0, 255]}
        await isolate.eval("__Stream_close(1)")
        assert await isolate.call("pull", 1) == {"done": True}
        assert await registry.pull(1) == Done()

    in_isolate(body, engine=engine)


def test_a_pull_is_placed_by_the_call(engine: str) -> None:
    async def body(isolate: Isolate, _registry: StreamStateRegistry) -> None:
        await isolate.load(PULL)
        seen = await isolate.eval(
            """(async () => {
              const id = __Stream_create(), first = pull(id);
              __Stream_push(id, [1]);
              __Stream_push(id, [2]);
              return [await pull(id), await first];
            })()"""
        )
        assert [each["value"] for each in seen] == [[2], [1]]

    in_isolate(body, engine=engine)


def test_an_error_crosses_with_its_message(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(PULL)
        await isolate.eval("__Stream_create(); __Stream_error(1, 'boom')")
        with pytest.raises(GuestError, match=r"^boom$"):
            await registry.pull(1)
        with pytest.raises(GuestError, match=r"^boom$"):
            await isolate.call("pull", 1)
        registry.error(registry.create(), KeyError("mine"))
        told = await isolate.eval("pull(2).catch((error) => [error.name, error.message])")
        assert told == ["KeyError", "'mine'"]
        with pytest.raises(KeyError, match="mine"):
            await isolate.call("pull", 2)

    in_isolate(body, engine=engine)


def test_a_full_queue_shows(engine: str) -> None:
    async def body(isolate: Isolate, _registry: StreamStateRegistry) -> None:
        seen = await isolate.eval(
            """const id = __Stream_create();
            [__Stream_isQueueFull(id), __Stream_push(id, []), __Stream_isQueueFull(id),
             __Stream_isQueueFull(77)]"""
        )
        assert seen == [False, True, True, True]

    in_isolate(body, engine=engine, limits=Limits(max_queue_chunks=1))


@pytest.mark.parametrize("value", ["wait", "wait_through_close"])
def test_where_pushes_wait_a_write_does_and_a_push_says_so(engine: str, value: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load("const id = __Stream_create(), writer = __Stream_writer(id);")
        assert await isolate.eval("__Stream_push(id, [1])") is True
        with pytest.raises(GuestError, match=r"await __Stream_writer\(1\)\.write\(chunk\) instead"):
            await isolate.eval("__Stream_push(id, [2])")
        sent = begun(registry.send(1, b"of the host"))
        written = begun(isolate.eval("writer.write([3])"))
        await until_quiet(isolate)
        assert (sent.done(), written.done()) == (False, False)
        pulled = [await registry.pull(1) for _ in range(3)]
        assert pulled == [Chunk(b"\x01"), Chunk(b"of the host"), Chunk(b"\x03")]
        assert (await sent, await written) == (True, True)

    dialect = Dialect.parse(f"isolate+push_when_full={value}")
    in_isolate(body, engine=engine, dialect=dialect, limits=Limits(max_queue_chunks=1))


def test_the_registry_is_of_the_dialect_and_limits_of_the_isolate(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        assert (registry.dialect, registry.limits) == (ISOLATE, Limits(1, 2))
        clear_stream_registry_for_context(isolate)
        again = get_stream_registry_for_context(isolate)
        assert again is not registry
        assert (again.dialect, again.limits) == (ISOLATE, Limits(1, 2))
        assert await isolate.eval("__Stream_create()") == 1  # a new table counts anew
        with pytest.raises(ValueError, match="isolate"):
            get_stream_registry_for_context(isolate, dialect=PLAN_01)

    in_isolate(body, engine=engine, dialect=ISOLATE, limits=Limits(1, 2))


def test_clearing_the_registry_while_pulls_wait_tells_both_sides(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(PULL)
        ours, theirs = registry.create(), registry.create()
        waiting = begun(registry.pull(ours))
        asked = begun(isolate.call("pull", theirs))
        await until_quiet(isolate)
        clear_stream_registry_for_context(isolate)
        for told in (waiting, asked):
            with pytest.raises(StreamDeleted, match="Stream deleted"):
                await told

    in_isolate(body, engine=engine)


def test_a_registry_that_is_cleared_within_a_turn_is_another_one_for_the_rest_of_it(
    engine: str,
) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        isolate.bind("clear", lambda: clear_stream_registry_for_context(isolate))
        seen = await isolate.eval(
            "[__Stream_create(), __Stream_create(), clear(), __Stream_push(2, [1]),"
            " __Stream_create()]"
        )
        assert seen == [1, 2, None, False, 1]
        assert get_stream_registry_for_context(isolate).get(1) is not None
        assert registry.get(1) is None

    in_isolate(body, engine=engine)


def test_two_contexts_share_nothing() -> None:
    async def main() -> None:
        async with Isolate() as one, Isolate() as other:
            registries = [get_stream_registry_for_context(each) for each in (one, other)]
            await one.eval("__Stream_create(); __Stream_push(1, [1])")
            await other.eval("__Stream_create(); __Stream_push(1, [2])")
            one.dispose()
            assert await registries[1].pull(1) == Chunk(b"\x02")
            assert registries[0].get(1) is None

    asyncio.run(main())


def test_an_abandoned_pull_is_forgotten_once_there_are_too_many() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(PULL)
        registry.create()
        for _ in range(3):
            await isolate.eval("for (let i = 0; i < 90; i++) pull(1); 0")
        asked: Any = begun(isolate.call("pull", 1))
        await until_quiet(isolate)
        registry.push(1, b"a")
        assert await asked == {"done": False, "value": [97]}

    in_isolate(body, dialect=PLAN_01, quota=Quota(waiting=100))


def test_what_a_host_function_returns_is_what_the_guest_gets(engine: str) -> None:
    """Numbers below zero mean something between the two sides, where they cross bare."""
    values: list[Any] = [
        *(0, 1, -1, -2, -3, -4, 2**53 - 1, -(2**53) + 1, 0.5, -1.0, -3.5),
        *("", "-1", "-2", "-3", True, False, None, b"", b"-1", [], [-1], {"a": [b"x", -2]}),
    ]

    async def body(isolate: Isolate, _registry: StreamStateRegistry) -> None:
        isolate.bind("given", lambda number: values[number])

        async def later(number: int) -> Any:
            return values[number]

        isolate.bind("later", later)
        for number, value in enumerate(values):
            for call in (f"given({number})", f"later({number})"):
                got = await isolate.eval(call)
                assert got == value, (call, value)
                assert isinstance(got, bool) == isinstance(value, bool)

    in_isolate(body, engine=engine)
