"""Signals that come in the middle of what must not be left half done."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Final

_SIGNALS: Final[tuple[signal.Signals, ...]] = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Those that end a command, of which not every system has the last."""


@contextmanager
def signals_held() -> Iterator[None]:
    """What a signal's handler does, raising perhaps, it does once this is left.

    Holds those that are handled in Python, and in the main thread, since no other one is
    interrupted.
    """
    if current_thread() is not main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append((number, frame))

    handlers = {each: signal.getsignal(each) for each in _SIGNALS}
    handled = {each: handler for each, handler in handlers.items() if callable(handler)}
    for each in handled:
        signal.signal(each, note)
    try:
        yield
    finally:
        for each, handler in handled.items():
            signal.signal(each, handler)
        for number, frame in came:
            handled[signal.Signals(number)](number, frame)
