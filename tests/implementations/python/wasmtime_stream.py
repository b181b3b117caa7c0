"""A `stream<u8>` of the component model, by wasmtime. The guest `jco/ends.wat` holds both ends.
What would trap, and so end it, is not tried: that refuses a push, a pull, a close."""

from __future__ import annotations

import asyncio

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.on_wasmtime import BLOCKED, DROPPED, READ, call, created, version
from tests.implementations.python.streams import PULL_REFUSED, STREAM_DELETED, Rejection, Stream


class WasmtimeStream(Stream):
    def __init__(self) -> None:
        self._readable, self._writable, self._set = created()
        self._writing = self._closed = self._ended = False
        self._reading: asyncio.Future[int] | None = None
        self._said: int | None = None  # by an event, asked for or not

    def push(self, chunk: bytes) -> bool:
        if self._writing or self._closed:
            return False
        self._writing = call("write", self._writable, chunk) == BLOCKED
        self._hear()
        return True

    async def pull(self) -> bytes | None:
        if self._reading is not None or self._ended:
            raise Rejection(PULL_REFUSED)
        payload = call("read", self._readable) if self._said is None else self._said
        self._hear()
        if payload == BLOCKED:
            payload = await self._read()
        self._said = None
        self._ended = payload % 16 == DROPPED
        return bytes(call("brought", payload >> 4)) or None

    async def _read(self) -> int:
        self._reading = asyncio.Future()
        try:
            return await self._reading
        except asyncio.CancelledError:
            if self._said is not None:
                return self._said
            call("join", self._readable, 0)
            call("cancel-read", self._readable)
            call("join", self._readable, self._set)
            raise
        finally:
            self._reading = None

    def close(self) -> None:
        if self._writing or self._closed:
            raise RuntimeError("it would trap")
        self._closed = True
        call("drop-writable", self._writable)
        self._hear()

    def is_full(self) -> bool:
        return self._writing

    def delete(self) -> None:
        if self._reading is None:
            call("drop-readable", self._readable)
        else:
            self._reading.set_exception(Rejection(STREAM_DELETED))  # and its end is busy

    def _hear(self) -> None:
        while event := call("poll", self._set):
            if event % 2**32 != READ:
                self._writing = False
                continue
            self._said = event >> 32
            if self._reading is not None and not self._reading.done():
                self._reading.set_result(self._said)


if __name__ == "__main__":
    run(Library("stream of wasmtime", version(), WasmtimeStream, chunks=1))
