"""A registry in `async def` throughout, in a style of its own: pulls bring mappings, the end is an
exception, limits are two keywords, and it shows its streams. The classes after it have one fault
each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

from streamstate.testing import Convention


class OverError(Exception):
    """There is no more to pull."""


class TakenOverError(Exception):
    """Another pull waits now."""


def rejection(error: BaseException) -> str | None:
    """What its exceptions say, in the model's words."""
    match error:
        case OverError():
            return None
        case TakenOverError():
            return "Pull superseded"
        case asyncio.CancelledError():
            return "Stream deleted"
        case _:
            return str(error)


CONVENTION: Final = Convention(rejection=rejection, error_value=ValueError)


@dataclass
class Channel:
    """A stream: `news` is what a pull waits for."""

    backlog: list[bytes] = field(default_factory=list)
    closed: bool = False
    error_value: Exception | None = None
    news: asyncio.Future[bytes] | None = None


class AsyncRegistry:
    """`channels` of those streams that there are."""

    def __init__(self, *, high_water_mark: int = 65_536, max_queue_chunks: int = 16) -> None:
        self.limits = high_water_mark, max_queue_chunks
        self.channels: dict[int, Channel] = {}
        self.numbers = iter(range(1, 2**31))

    async def create(self) -> int:
        await asyncio.sleep(0)
        number = next(self.numbers)
        self.channels[number] = Channel()
        return number

    async def get(self, stream: int) -> SimpleNamespace | None:
        channel = self.channels.get(stream)
        if channel is None:
            return None
        return SimpleNamespace(
            queue=channel.backlog,
            closed=channel.closed,
            errored=channel.error_value is not None,
            error_value=channel.error_value,
            pull_waiting=channel.news is not None,
        )

    async def push(self, stream: int, chunk: bytes) -> bool:
        channel = self.channels.get(stream)
        if channel is None or channel.closed or channel.error_value:
            return False
        if channel.news is None:
            channel.backlog.append(bytes(chunk))
        else:
            channel.news.set_result(bytes(chunk))
            channel.news = None
        return True

    async def pull(self, stream: int) -> dict[str, Any]:
        channel = self.channels.get(stream)
        if channel is None:
            raise OverError
        if channel.error_value:
            raise channel.error_value
        if channel.backlog:
            return {"done": False, "value": channel.backlog.pop(0)}
        if channel.closed:
            return {"done": True}
        if channel.news is not None:
            channel.news.set_exception(TakenOverError())
        channel.news = asyncio.get_running_loop().create_future()
        return {"value": await channel.news}

    async def close(self, stream: int) -> None:
        channel = self.channels.get(stream)
        if channel is None:
            return
        channel.closed = True
        if channel.news is not None:
            channel.news.set_exception(OverError())
            channel.news = None

    async def error(self, stream: int, error_value: Exception) -> None:
        channel = self.channels.get(stream)
        if channel is None:
            return
        channel.error_value = error_value
        if channel.news is not None:
            channel.news.set_exception(error_value)
            channel.news = None

    async def is_queue_full(self, stream: int) -> bool:
        channel = self.channels.get(stream)
        if channel is None:
            return True
        most, many = self.limits
        return len(channel.backlog) >= many or sum(map(len, channel.backlog)) >= most

    async def delete(self, stream: int) -> None:
        channel = self.channels.pop(stream, None)
        if channel is not None and channel.news is not None:
            channel.news.cancel()

    async def clear(self) -> None:
        for stream in tuple(self.channels):
            await self.delete(stream)


class HandsTwice(AsyncRegistry):
    """PUSH_4: what is handed over is queued, too."""

    async def push(self, stream: int, chunk: bytes) -> bool:
        channel = self.channels.get(stream)
        waits = channel is not None and channel.news is not None
        taken = await super().push(stream, chunk)
        if waits and channel is not None:
            channel.backlog.append(bytes(chunk))
        return taken


class FirstErrorStays(AsyncRegistry):
    """ERROR_10, which another dialect allows."""

    async def error(self, stream: int, error_value: Exception) -> None:
        channel = self.channels.get(stream)
        if channel is not None and channel.error_value is None:
            await super().error(stream, error_value)


class PushBlocks(AsyncRegistry):
    """PUSH_6: a full queue is waited for, until somebody pulls."""

    async def push(self, stream: int, chunk: bytes) -> bool:
        if stream in self.channels and await self.is_queue_full(stream):
            await asyncio.get_running_loop().create_future()
        return await super().push(stream, chunk)


class ClosesTooMuch(AsyncRegistry):
    """CLOSE_3: what was queued is gone."""

    async def close(self, stream: int) -> None:
        await super().close(stream)
        channel = self.channels.get(stream)
        if channel is not None:
            channel.backlog.clear()
