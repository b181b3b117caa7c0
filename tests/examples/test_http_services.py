"""The examples of HTTP services on real sockets, with clients that go away in the middle."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from types import ModuleType
from typing import TypeAlias

import pytest
import uvicorn
from aiohttp import web
from examples.http_service import with_aiohttp, with_starlette

Served: TypeAlias = Callable[[], AbstractAsyncContextManager[int]]
"""Serves an example for as long as the block lasts: its port."""

LARGE = 1_000_000


@asynccontextmanager
async def starlette_on_uvicorn() -> AsyncIterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(with_starlette.app, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        listening.close()


@asynccontextmanager
async def on_aiohttp() -> AsyncIterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    runner = web.AppRunner(with_aiohttp.made(), access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    try:
        yield listening.getsockname()[1]
    finally:
        await runner.cleanup()


BOTH = pytest.mark.parametrize(
    ("example", "served"),
    [
        pytest.param(with_starlette, starlette_on_uvicorn, id="Starlette"),
        pytest.param(with_aiohttp, on_aiohttp, id="aiohttp"),
    ],
)


class Client:
    """A connection on which one says what one likes, and hangs up when one likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *lines: str, body: bytes = b"") -> None:
        self.writer.write("\r\n".join([*lines, "Host: here", "", ""]).encode() + body)
        await self.writer.drain()

    async def hang_up(self) -> None:
        self.writer.transport.abort()
        with suppress(OSError):
            await self.writer.wait_closed()


@asynccontextmanager
async def client_of(served: Served) -> AsyncIterator[Client]:
    async with served() as port:
        client = Client(*await asyncio.open_connection("127.0.0.1", port))
        try:
            yield client
        finally:
            await client.hang_up()


async def until(condition: Callable[[], object]) -> None:
    """Come back once it holds."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # what is waited for is no event
            await asyncio.sleep(0.001)


async def until_ended(example: ModuleType) -> str:
    """How the only request ended; then nothing is left of it."""
    await until(lambda: example.ended and len(example.registry) == 0)
    [how] = example.ended
    assert isinstance(how, str)
    return how


@pytest.fixture(autouse=True)
def _nothing_is_left(example: ModuleType) -> None:
    """The registries are bound to the loop of the test before, which is closed by now."""
    example.ended.clear()
    assert len(example.registry) == 0


@BOTH
def test_an_upload_arrives_whole(example: ModuleType, served: Served) -> None:
    async def upload() -> None:
        async with client_of(served) as client:
            await client.send("PUT /length HTTP/1.1", f"Content-Length: {LARGE}", body=bytes(LARGE))
            told = await client.reader.readuntil(b"}")
            assert b'{"bytes":%d}' % LARGE in told.replace(b" ", b"")
            assert await until_ended(example) == f"upload of {LARGE} bytes"

    asyncio.run(upload())


@BOTH
def test_a_client_that_goes_away_in_its_upload_is_an_error_to_who_reads(
    example: ModuleType, served: Served
) -> None:
    async def upload() -> None:
        async with client_of(served) as client:
            await client.send(
                "PUT /length HTTP/1.1", f"Content-Length: {LARGE}", body=bytes(LARGE // 2)
            )
            await until(lambda: len(example.registry) == 1)
            await client.hang_up()
            assert await until_ended(example) == "upload cut off"

    asyncio.run(upload())


@BOTH
def test_a_client_that_goes_away_in_the_answer_is_told_to_who_writes(
    example: ModuleType, served: Served
) -> None:
    async def read_some() -> None:
        async with client_of(served) as client:
            await client.send("GET /ticks HTTP/1.1")
            await client.reader.readuntil(b"100\n")
            assert len(example.registry) == 1
            await client.hang_up()
            assert await until_ended(example) == "ticks: the client went away"

    asyncio.run(read_some())


@BOTH
def test_a_client_that_does_not_read_makes_the_writer_wait(
    example: ModuleType, served: Served
) -> None:
    """What is written meanwhile is bounded by the limits and the buffers of the sockets."""

    async def read_nothing() -> None:
        async with client_of(served) as client:
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it reads, too
            example.registry.watch()
            try:
                await client.send("GET /ticks HTTP/1.1")
                await until(lambda: example.registry.stats().blocked_writers == 1)
                stats = example.registry.stats()
                assert stats.peak.queued_chunks <= example.registry.limits.max_queue_chunks
            finally:
                example.registry.unwatch()
            await client.hang_up()
            assert await until_ended(example) == "ticks: the client went away"

    asyncio.run(read_nothing())
