"""An ASGI application that takes uploads and sends what never ends, with Starlette.

    pip install streamstate starlette uvicorn
    uvicorn examples.http_service.with_starlette:app
    curl -T some.file http://127.0.0.1:8000/length
    curl -N http://127.0.0.1:8000/ticks

Every request has streams of its own, which are deleted when it ends. A client that goes away in the
middle of its upload is an error to whoever reads the upload; one that goes away in the middle of an
answer is told to whoever writes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from streamstate import StreamStateRegistry
from streamstate.pump import pump

Message = MutableMapping[str, Any]

registry = StreamStateRegistry()
ended: list[str] = []
"""How the work for each request ended, for whoever looks on."""


async def length(request: Request) -> Response:
    """Count the bytes of the upload: `pump` moves the body in, and the task that counts reads."""
    async with registry.stream() as stream, asyncio.TaskGroup() as group:
        counting = group.create_task(count(stream))
        with suppress(ClientDisconnect):  # the stream has it, too, and so has `count`
            await pump(request.stream(), registry, stream)
    return JSONResponse({"bytes": counting.result()})


async def count(stream: int) -> int:
    """How many bytes came; of an upload that broke off, those until then."""
    total = 0
    try:
        async with registry.reader(stream) as chunks:
            async for chunk in chunks:
                total += len(chunk)
        ended.append(f"upload of {total} bytes")
    except ClientDisconnect:
        ended.append("upload cut off")
    return total


class Ticks:
    """Numbers without an end, line by line. An application of its own, and no function that returns
    a response: so the work is inside of the block that sends, and over when that is left."""

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        async with registry.stream() as stream, asyncio.TaskGroup() as group:
            group.create_task(tick(stream))
            async with registry.reader(stream) as lines:
                with suppress(ClientDisconnect, OSError):  # as servers of ASGI 2.4 say it
                    await StreamingResponse(lines)(scope, receive, send)


async def tick(stream: int) -> None:
    """Write until nobody reads."""
    number = 0
    async with registry.writer(stream) as write:
        while await write(b"%d\n" % number):
            number += 1
    ended.append("ticks: the client went away")


app = Starlette(
    routes=[Route("/length", length, methods=["PUT", "POST"]), Route("/ticks", Ticks())]
)
