"""A registry in use, driven by ops, cancels and looks included; nothing is compared."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import assert_never

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    PullId,
    Push,
    PushId,
    Seen,
    StreamId,
)
from streamstate.registry import PendingPull, PendingSend, StreamStateRegistry


class Service:
    """Pulls are held here until they are cancelled or looked at, and pushes that wait until they
    are cancelled."""

    def __init__(self, dialect: Dialect, limits: Limits) -> None:
        self.registry = StreamStateRegistry(dialect, limits)
        self.pulls: dict[PullId, PendingPull] = {}
        self.sends: dict[PushId, PendingSend] = {}
        self._called = 0
        self._waited = 0

    def do_all(self, ops: Iterable[Op]) -> None:
        for op in ops:
            self.do(op)

    def do(self, op: Op) -> None:
        """An op on a pull that is over, or that nobody called, does nothing."""
        match op:
            case Create():
                self.registry.create()
            case Get(stream):
                self.registry.get(stream)
            case Push(stream, chunk):
                self._send(stream, chunk)
            case Pull(stream):
                self._called += 1
                self.pulls[self._called] = self.registry.pull(stream)
            case Close(stream):
                self.registry.close(stream)
            case Error(stream, value):
                self.registry.error(stream, value)
            case IsQueueFull(stream):
                self.registry.is_queue_full(stream)
            case Delete(stream):
                self.registry.delete(stream)
            case Clear():
                self.registry.clear()
            case CancelPull(pull):
                held = self.pulls.pop(pull, None)
                if held is not None:
                    held.close()
            case Seen(pull):
                self._look(pull)
            case CancelPush(push):
                sent = self.sends.pop(push, None)
                if sent is not None:
                    sent.cancel()
            case _:
                assert_never(op)

    def _send(self, stream: StreamId, chunk: bytes) -> None:
        sent = self.registry.send(stream, chunk)
        if sent.accepted is None:
            self._waited += 1
            self.sends[self._waited] = sent

    def _look(self, pull: PullId) -> None:
        """Let the awaiter go on, which gives up a pull that waits: there is no loop."""
        held = self.pulls.get(pull)
        if held is None:
            return
        with suppress(Exception):  # what it brings is for the recording to say
            held.send(None)
        del self.pulls[pull]
