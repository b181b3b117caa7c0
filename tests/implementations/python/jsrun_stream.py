"""A stream of jsrun's table: made by a guest with `ReadableStream`, read by the host.

Every pull settles, and in another thread, so quiet is here when all have.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import AsyncioRuntime, run
from tests.implementations.python.streams import Rejection, Stream

jsrun: Final[Any] = import_module("jsrun")  # which not everybody has

GUEST: Final = jsrun.Runtime()
MADE: Final = "new ReadableStream({ start(controller) { globalThis.its = controller } })"
CONTROL: Final = "(its => (act, value) => { its[act](value) })(its)"


class JsrunStream(Stream):
    def __init__(self) -> None:
        self._stream = GUEST.eval(MADE)
        self._control = GUEST.eval(CONTROL)

    def push(self, chunk: bytes) -> bool:
        self._control("enqueue", chunk)
        return True  # it says nothing, after the end too, where it drops the chunk

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = await anext(self._stream)
        except StopAsyncIteration:
            return None
        except jsrun.JavaScriptError as error:
            raise Rejection(str(error).removeprefix("Error: ")) from None
        return chunk

    def close(self) -> None:
        self._control("close", None)

    def error(self, value: Exception, /) -> None:
        self._control("error", str(value))

    def delete(self) -> None:
        self._stream.close()


class AllSettle(AsyncioRuntime):
    async def quiet(self) -> None:
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


if __name__ == "__main__":
    run(Library("jsrun", version("jsrun"), JsrunStream, None), AllSettle)
