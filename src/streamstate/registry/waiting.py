"""What waits on an event loop: whoever awaits a pull, or wants to write."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Generator, Mapping
from typing import Any, Protocol, TypeAlias

from streamstate.model import PullResult, StreamId
from streamstate.registry.outside import Outside
from streamstate.registry.record import Record, Waiter, Writer

Steps: TypeAlias = Generator[Any, Any, PullResult]
"""Waits for the outcome of one pull, driven by an event loop."""


class Pull(Protocol):
    """What is asked here of a pull."""

    def begin(self, hands: int) -> Waiter: ...


def steps(pull: Pull) -> Steps:
    """Wait for the outcome, and look. Whatever ends it before that, be it a cancel, a throw, a
    close or its being dropped, comes out at one `except`."""
    waiter = pull.begin(0)
    del pull  # whoever drives these steps may be held by it, and has to be seen to go
    if waiter.future is not None:
        try:
            yield from waiter.future
        except BaseException as stop:
            waiter.outside.give_up(waiter, stop)
            raise
    return waiter.look()


async def writable(
    outside: Outside, streams: Mapping[StreamId, Record], absent: Record, stream: StreamId
) -> bool:
    """Wait for the turn of this writer, behind those that wait already; see
    `StreamStateRegistry.writable`."""
    outside.enter()
    record = streams.get(stream, absent)
    told = record.situation.writable
    if told is False or (told and record.writers is None):
        return told
    future = outside.make_future()
    writer = Writer(record, future)
    record.add_writer(writer)
    while True:
        try:
            await future
            outside.enter()
        except BaseException as stop:
            outside.give_up(writer, stop)
            raise
        told = record.situation.writable
        if told is not None:
            break
        writer.future = future = outside.make_future()  # somebody was faster; it is first in line
    record.remove_writer(writer)
    if record.writers is not None:  # once this one has pushed, there may be room for the next
        get_running_loop().call_soon(record.give_turn)
    return told
