"""Trio's memory channel."""

from __future__ import annotations

import trio

from tests.implementations.python.exchange import Library
from tests.implementations.python.families import TwoEnds
from tests.implementations.python.on_trio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS


class TrioChannel(TwoEnds):
    refuses = (trio.WouldBlock, trio.ClosedResourceError, trio.BrokenResourceError)
    over = (trio.EndOfChannel,)
    gone = (trio.ClosedResourceError,)

    def __init__(self) -> None:
        super().__init__(trio.open_memory_channel[bytes](MAX_QUEUE_CHUNKS))


if __name__ == "__main__":
    run(Library("Trio memory channel", trio.__version__, TrioChannel))
