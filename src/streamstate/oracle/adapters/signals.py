"""Handles signals that come in the middle of what must not be left half done."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Final, TypeAlias

SIGNALS: Final[tuple[signal.Signals, ...]] = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""The signals that end a command. Not every system has the last one."""

Handler: TypeAlias = Callable[[int, FrameType | None], object]


@contextmanager
def signals_go_to(handler: Handler) -> Iterator[Mapping[int, Handler]]:
    """Inside this block, `handler` gets the signals that Python handles. Yields the handlers from
    before, by number. Outside the main thread nothing changes, since signals interrupt no other
    thread."""
    if current_thread() is not main_thread():
        yield {}
        return
    before = {each: signal.getsignal(each) for each in SIGNALS}
    handlers: dict[int, Handler] = {each: it for each, it in before.items() if callable(it)}
    for each in handlers:
        signal.signal(each, handler)
    try:
        yield handlers
    finally:
        for each, own in handlers.items():
            signal.signal(each, own)


@contextmanager
def signals_held() -> Iterator[None]:
    """Inside this block, a signal's handler waits: it acts, and perhaps raises, at the end of the
    block."""
    came: list[tuple[int, FrameType | None]] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append((number, frame))

    handlers: Mapping[int, Handler] = {}
    try:
        with signals_go_to(note) as handlers:
            yield
    finally:
        for number, frame in came:
            handlers[number](number, frame)
