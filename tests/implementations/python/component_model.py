"""A `stream<u8>` of the WebAssembly component model, by its executable semantics, `definitions.py`.
One guest holds both ends. What traps would end it: here that refuses a push or a pull."""

from __future__ import annotations

import asyncio

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.on_component_model import Ends, in_a_guest, model, version
from tests.implementations.python.streams import PULL_REFUSED, STREAM_DELETED, Rejection, Stream


class ComponentStream(Stream):
    def __init__(self) -> None:
        self._ends = Ends()
        self._writing = False
        self._reading: asyncio.Future[int] | None = None
        self._said: int | None = None

    def push(self, chunk: bytes) -> bool:
        if self._writing:
            return False  # it would trap, after these bytes had taken the place of the last ones
        try:
            said = self._ends.write(chunk)
        except model.Trap:
            return False
        self._writing = said == model.BLOCKED
        self._hear()
        return self._writing or said & 0xF != model.CopyResult.DROPPED

    async def pull(self) -> bytes | None:
        try:
            said = self._ends.read()
        except model.Trap:
            raise Rejection(PULL_REFUSED) from None
        self._hear()
        if said == model.BLOCKED:
            said = await self._completed()
        return self._ends.brought(said) or None

    async def _completed(self) -> int:
        reading = self._reading = asyncio.Future()
        self._said = None
        try:
            return await reading
        except asyncio.CancelledError:
            if self._said is not None:
                return self._said
            self._ends.cancel_read()
            raise

    def close(self) -> None:
        try:
            self._ends.drop_writable()
        except model.Trap:
            raise RuntimeError("it traps") from None
        self._hear()

    def is_full(self) -> bool:
        return self._writing

    def delete(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._ends.cancel_read()
            self._reading.set_exception(Rejection(STREAM_DELETED))
        self._ends.drop_readable()

    def _hear(self) -> None:
        for code, payload in self._ends.events():
            if code == model.EventCode.STREAM_WRITE:
                self._writing = False
                continue
            self._said = payload
            if self._reading is not None and not self._reading.done():
                self._reading.set_result(payload)


if __name__ == "__main__":
    in_a_guest(lambda: run(Library("component model", version(), ComponentStream, chunks=1)))
