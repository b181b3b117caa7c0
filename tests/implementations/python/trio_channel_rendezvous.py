"""Trio's memory channel without a buffer, which is its default: a send waits for who receives."""

from __future__ import annotations

import trio

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_trio import run
from tests.implementations.python.trio_channel_send import TrioSend


class Rendezvous(TrioSend):
    def __init__(self) -> None:
        super().__init__()
        self._send, self._receive = trio.open_memory_channel[bytes](0)

    def is_full(self) -> bool:
        statistics = self._receive.statistics()
        full: bool = statistics.current_buffer_used >= statistics.max_buffer_size
        return full


if __name__ == "__main__":
    run(Library("Trio memory channel of 0, send", trio.__version__, Rendezvous, chunks=0))
