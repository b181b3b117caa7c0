"""Whatever a guest does to the callbacks and to its own globals, it gets a clear exception, and
nothing else happens."""

from __future__ import annotations

from contextlib import suppress

import pytest

from streamstate import Chunk, StreamStateRegistry
from streamstate.isolate import GuestError, Isolate
from streamstate.isolate import isolate as module
from tests.isolate.guests import begun, in_isolate, until_quiet

NO_STREAMS = [
    *(
        "undefined",
        "null",
        "'1'",
        "true",
        "[1]",
        "{}",
        "Symbol()",
        "() => 1",
        "1n",
        "new Number(1)",
    ),
    *("NaN", "-1", "1.5", "2 ** 53", "Infinity", "-Infinity", "1e300"),
    "{ valueOf() { return 1 } }",
    "new Proxy({}, { get() { throw 'trap' } })",
    "{ get length() { throw 'getter' } }",
]
OPS = [
    "__Stream_push({}, [1])",
    "__Stream_close({})",
    "__Stream_error({}, 'x')",
    "__Stream_isQueueFull({})",
    "__Stream_reader({})",
    "__Stream_writer({})",
]


def test_what_is_no_stream_is_refused(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        for value in NO_STREAMS:
            for op in OPS:
                call = op.format(f"({value})")
                told = await isolate.eval(
                    f"try {{ {call}; null }} catch (error) {{ error.message }}"
                )
                assert told is not None, call
                assert told.startswith("stream must be "), call
            for pull in ("__Stream_pull(({}))", "__Stream_pull_ref.apply(undefined, [({})])"):
                with pytest.raises(GuestError, match="stream must be "):
                    await isolate.eval(pull.format(value))
        view = registry.get(1)
        assert view is not None
        assert (view.queue_size, view.closed, view.errored, view.pull_waiting) == (0,) + (
            False,
        ) * 3
        assert registry.create() == 2

    in_isolate(body, engine=engine)


NO_CHUNKS = {
    "undefined": "chunk must be",
    "null": "chunk must be",
    "5": "chunk must be",
    "'abc'": "chunk must be",
    "{ length: 3 }": "chunk must be",
    "new Uint16Array(1)": "chunk must be",
    "new DataView(new ArrayBuffer(1))": "chunk must be",
    "[Symbol()]": "(?i)symbol",
    "[1n]": "(?i)bigint",
    "[{ valueOf() { throw new Error('hostile') } }]": "hostile",
    "new Array(2 ** 32 - 1)": "chunk has more than",
    "new Proxy([], { get(_, key) { return key === 'length' ? 2 ** 40 : 0 } })": "chunk has more",
    "new Proxy([1], { get() { throw new Error('trap') } })": "trap",
    "new Proxy(new Uint8Array(1), {})": "chunk must be",
}


def test_what_is_no_chunk_is_refused(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        for chunk, words in NO_CHUNKS.items():
            with pytest.raises(GuestError, match=words):
                await isolate.eval(f"__Stream_push(1, {chunk})")
            with pytest.raises(GuestError, match=words):
                await isolate.eval(f"__Stream_writer(1).write({chunk})")
        view = registry.get(1)
        assert view is not None
        assert view.queue == ()

    in_isolate(body, engine=engine)


def test_what_is_a_chunk_is_taken_as_it_is_now(engine: str) -> None:
    chunks = {
        "[]": b"",
        "[, 1]": b"\x00\x01",
        "['7', true, {}]": b"\x07\x01\x00",
        "new ArrayBuffer(2)": b"\x00\x00",
        "new Uint8Array([1, 2, 3]).subarray(1)": b"\x02\x03",
        "new (class Mine extends Uint8Array {})([9])": b"\x09",
    }

    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        for chunk, expected in chunks.items():
            assert await isolate.eval(f"__Stream_push(1, {chunk})") is True
            assert await registry.pull(1) == Chunk(expected), chunk
        await isolate.eval("const kept = new Uint8Array([1]); __Stream_push(1, kept); kept[0] = 2")
        assert await registry.pull(1) == Chunk(b"\x01")

    in_isolate(body, engine=engine)


def test_an_op_that_a_hostile_element_does_is_done_before_its_push() -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        await isolate.eval(
            "__Stream_push(1, [{ valueOf() {"
            " __Stream_push(1, [1]); __Stream_pull(1); return 2 } }])"
        )
        assert await registry.pull(1) == Chunk(b"\x02")

    in_isolate(body)


def test_messages_are_made_strings_that_can_cross(engine: str) -> None:
    messages = {"undefined": "undefined", "5": "5", "'\\ud800'": "\ufffd", "'a\\0b'": "a\0b"}

    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        for message, expected in messages.items():
            stream = registry.create()
            await isolate.eval(f"__Stream_error({stream}, {message})")
            with pytest.raises(GuestError) as told:
                await registry.pull(stream)
            assert str(told.value) == expected
        with pytest.raises(GuestError, match="hostile"):
            await isolate.eval("__Stream_error(1, { toString() { throw new Error('hostile') } })")

    in_isolate(body, engine=engine)


PATCHES = """
const evil = () => { throw "patched"; };
Promise = evil; Map = evil; WeakMap = evil; Uint8Array = evil; JSON = evil; Error = evil;
TypeError = evil; RangeError = evil; Reflect = evil; Symbol = evil; String = evil; Array = evil;
Number.isInteger = Array.isArray = evil;
globalThis.eval = evil;
const promise = (async () => {})().constructor;
promise.prototype.then = evil;
promise.resolve = promise.reject = evil;
const owners = [[].__proto__, ({}).__proto__, "".__proto__, (() => 1).__proto__,
  keptBytes.prototype, keptBytes.prototype.__proto__];
const { ownKeys } = Reflected;
for (let i = 0; i < owners.length; i++) {
  const keys = ownKeys(owners[i]);
  for (let j = 0; j < keys.length; j++) {
    if (keys[j] === "constructor" || keys[j] === "__proto__") continue;
    try { owners[i][keys[j]] = evil; } catch {}
  }
}
for (let at = 0; at < 4; at++) {
  Defined([].__proto__, at, { __proto__: null, set: evil, get: evil, configurable: true });
}
({}).__proto__.get = evil;
({}).__proto__.value = 1;
0
"""


def test_patched_globals_change_nothing(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        await isolate.load(
            """globalThis.keptBytes = Uint8Array;
            globalThis.Reflected = { ownKeys: Reflect.ownKeys };
            globalThis.Defined = Object.defineProperty;"""
        )
        isolate.bind("double", lambda number: number * 2)
        await isolate.quiet()
        await isolate.load(PATCHES)
        assert await isolate.eval("__Stream_create()") == 1
        assert await isolate.eval("__Stream_push(1, [1, 2])") is True
        assert await isolate.eval("__Stream_push(1, new keptBytes(2))") is True
        told = await isolate.eval(
            "(async () => [await __Stream_pull_ref.apply(undefined, [1]),"
            " (await __Stream_pull(1)).value, double(4)])()"
        )
        assert told == ['{"done":false,"value":[1,2]}', b"\x00\x00", 8]
        asked = begun(isolate.eval("(async () => (await __Stream_pull(1)).value)()"))
        await until_quiet(isolate)
        registry.push(1, b"late")
        assert await asked == b"late"
        waiting = begun(
            isolate.eval("(async () => { for await (const c of __Stream_reader(1)); })()")
        )
        await until_quiet(isolate)
        registry.error(1, ValueError("boom"))
        with pytest.raises(ValueError, match="boom"):
            await waiting
        with pytest.raises(GuestError, match="stream must be"):
            await isolate.eval("__Stream_close(-1)")

    in_isolate(body, engine=engine)


def test_the_guest_cannot_take_the_turn_from_the_shim(engine: str) -> None:
    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        for attempt in (
            "__Stream_turn__ = null",
            "let __Stream_turn__ = null",
            "var __Stream_turn__ = null",
            "function __Stream_turn__() {}",
            "delete globalThis.__Stream_turn__",
            "Object.defineProperty(globalThis, '__Stream_turn__', { value: null })",
            "globalThis = {}",
            "__Stream_turn__()",
            "for (let i = 0; i < 100; i++) __Stream_turn__()",
        ):
            with suppress(GuestError):
                await isolate.load(attempt)
            assert await isolate.eval("1 + 1") == 2, attempt
        hosted = "Object.getOwnPropertyNames(globalThis).filter((name) => name.includes('host'))"
        assert await isolate.eval(hosted) == []
        await isolate.eval("__Stream_pull_ref = __Stream_push = null; Object.freeze(globalThis)")
        registry.create()
        assert await isolate.eval("__Stream_isQueueFull(1)") is False

    in_isolate(body, engine=engine)


def test_what_was_patched_before_the_shim_came_harms_only_the_guest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patched = "Array.isArray = () => true; Number.isInteger = () => true;" + module.SHIM
    monkeypatch.setattr(module, "SHIM", patched)

    async def body(isolate: Isolate, registry: StreamStateRegistry) -> None:
        registry.create()
        for call in ("__Stream_push(1.5, [1])", "__Stream_close(NaN)", "__Stream_push(1, 'ab')"):
            with suppress(GuestError):
                await isolate.eval(call)
        view = registry.get(1)
        assert view is not None
        assert not view.closed

    in_isolate(body)
