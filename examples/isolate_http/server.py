"""An HTTP server whose handler is JavaScript, in an isolate of its own for each request.

Bodies stream both ways, as large as they like: neither side holds more than a queue's worth.

    pip install 'streamstate[isolate]' aiohttp
    python server.py
    curl --data-binary @large.bin http://localhost:8080/ --output answer.bin
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from streamstate import StreamStateRegistry, get_stream_registry_for_context
from streamstate.isolate import Isolate, IsolateError

HANDLER = Path(__file__).with_name("handler.js").read_text("utf-8")


async def handle(request: web.Request) -> web.StreamResponse:
    """Let the guest answer the request."""
    async with Isolate(memory_limit=16 * 1024 * 1024, time_limit=0.5) as isolate:
        registry = get_stream_registry_for_context(isolate)
        body, answer = registry.create(), registry.create()
        reading = asyncio.create_task(read(request, registry, body))
        try:
            await isolate.load(HANDLER)
            told = await isolate.call(
                "handle",
                {"method": request.method, "path": request.path, "body": body, "answer": answer},
            )
            if told["status"] != 200:
                return web.Response(status=told["status"])
            response = web.StreamResponse(headers=told["headers"])
            await response.prepare(request)
            async for chunk in registry.chunks(answer):
                await response.write(chunk)
            await response.write_eof()
            return response
        except IsolateError as error:
            return web.Response(status=500, text=str(error))
        finally:
            reading.cancel()


async def read(request: web.Request, registry: StreamStateRegistry, stream: int) -> None:
    """Push the body as it comes, whenever there is room."""
    try:
        async for chunk in request.content.iter_chunked(64 * 1024):
            if not await registry.writable(stream):
                return
            registry.push(stream, chunk)
        registry.close(stream)
    except ConnectionError as error:
        registry.error(stream, error)


def application() -> web.Application:
    """The server, to be run."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    return app


if __name__ == "__main__":
    web.run_app(application())
