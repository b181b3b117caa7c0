"""Streams between real sockets on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from streamstate import StreamStateRegistry
from streamstate.pump import pour, pump
from tests.pump.support import BODY


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Each connection through a stream of its own, both ways at once."""
    registry = StreamStateRegistry()
    async with registry.stream() as stream, asyncio.TaskGroup() as group:
        group.create_task(pump(reader, registry, stream))
        await pour(registry, stream, writer)
    writer.close()
    await writer.wait_closed()


async def over_loopback(serve: Callable[..., Any], client: Callable[..., Any]) -> Any:
    """What the client returns, and what the server raised."""
    served: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except BaseException as error:
            served.set_result(error)
            writer.transport.abort()
        else:
            served.set_result(None)

    async with await asyncio.start_server(one, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        said = await client(*await asyncio.open_connection("127.0.0.1", port))
        return said, await served


def test_a_socket_echoes_through_a_stream() -> None:
    large = BODY * 8

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        async def send() -> None:
            writer.write(large)
            await writer.drain()
            writer.write_eof()

        sending = asyncio.create_task(send())
        answer = await reader.read()
        await sending
        writer.close()
        return answer

    said, failed = asyncio.run(over_loopback(echo, client))
    assert failed is None
    assert said == large


def test_a_client_that_goes_away_in_the_middle_ends_both_sides() -> None:
    async def client(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BODY)
        await writer.drain()
        writer.transport.abort()

    _, failed = asyncio.run(over_loopback(echo, client))
    assert isinstance(failed, ExceptionGroup)
    assert failed.subgroup(ConnectionError) is not None
