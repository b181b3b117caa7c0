"""Trio's memory channel, whose `send` waits for room."""

from __future__ import annotations

import trio

from tests.implementations.python.exchange import Library
from tests.implementations.python.families import TwoEndsThatWait
from tests.implementations.python.on_trio import run
from tests.implementations.python.trio_channel import TrioChannel


class TrioSend(TrioChannel, TwoEndsThatWait):
    broken = (trio.BrokenResourceError,)


if __name__ == "__main__":
    run(Library("Trio memory channel, send", trio.__version__, TrioSend))
