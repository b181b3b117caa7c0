"""What goes wrong without anybody being told: collected, so that a run can fail for it."""

from __future__ import annotations

import sys
import threading
import warnings
from asyncio import AbstractEventLoop
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Troubles:
    """Everything that went wrong, each as a line or more."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, what: str) -> None:
        self.found.append(what)

    def in_loop(self, _loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        """For `set_exception_handler`: what a task, a future or a callback raised for nobody."""
        raised = context.get("exception")
        about = context.get("task") or context.get("future") or context.get("handle")
        self.add(f"{context.get('message')}: {raised!r} ({about!r})")


@contextmanager
def watched(troubles: Troubles) -> Iterator[None]:
    """Have what finalizers and threads raise, and every warning, counted as trouble."""

    def unraisable(args: sys.UnraisableHookArgs) -> None:
        troubles.add(f"{args.err_msg or 'ignored'}: {args.exc_value!r} ({args.object!r})")

    def in_thread(args: threading.ExceptHookArgs) -> None:
        troubles.add(f"thread {args.thread and args.thread.name} raised {args.exc_value!r}")

    before = sys.unraisablehook, threading.excepthook
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sys.unraisablehook, threading.excepthook = unraisable, in_thread
        try:
            yield
        finally:
            sys.unraisablehook, threading.excepthook = before
