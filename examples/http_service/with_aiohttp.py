"""The same service with aiohttp.

pip install streamstate aiohttp
python -m examples.http_service.with_aiohttp
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from streamstate import StreamStateRegistry
from streamstate.pump import pour, pump

registry = StreamStateRegistry()
ended: list[str] = []
"""How the work for each request ended, for whoever looks on."""


async def length(request: web.Request) -> web.Response:
    """Count the bytes of the upload: `pump` moves the body in, and the task that counts reads."""
    async with registry.stream() as stream, asyncio.TaskGroup() as group:
        counting = group.create_task(count(stream))
        with suppress(OSError):  # the client went away; the stream has it, too, and so has `count`
            await pump(request.content, registry, stream)
    return web.json_response({"bytes": counting.result()})


async def count(stream: int) -> int:
    """How many bytes came; of an upload that broke off, those until then."""
    total = 0
    try:
        async with registry.reader(stream) as chunks:
            async for chunk in chunks:
                total += len(chunk)
        ended.append(f"upload of {total} bytes")
    except OSError:
        ended.append("upload cut off")
    return total


async def ticks(request: web.Request) -> web.StreamResponse:
    """Numbers without an end, line by line."""
    response = web.StreamResponse()
    await response.prepare(request)
    async with registry.stream() as stream, asyncio.TaskGroup() as group:
        group.create_task(tick(stream))
        with suppress(OSError):  # the client went away, and `pour` has told the writer
            await pour(registry, stream, response)
    return response


async def tick(stream: int) -> None:
    """Write until nobody reads."""
    number = 0
    async with registry.writer(stream) as write:
        while await write(b"%d\n" % number):
            number += 1
    ended.append("ticks: the client went away")


def made() -> web.Application:
    """The application."""
    app = web.Application()
    app.add_routes(
        [web.put("/length", length), web.post("/length", length), web.get("/ticks", ticks)]
    )
    return app


if __name__ == "__main__":
    web.run_app(made(), host="127.0.0.1", port=8000)
