"""The exceptions that an isolate raises."""

from __future__ import annotations


class IsolateError(Exception):
    """Base of the exceptions that `streamstate.isolate` raises for a guest."""


class GuestError(IsolateError):
    """The guest threw `message`, under `name`; or it errored a stream with that message.

    `stack` is the guest's own, as its engine writes it, "" if there is none. If a guest throws
    something that is not an error, the name is empty.
    """

    def __init__(self, message: str, name: str = "Error", stack: str = "") -> None:
        super().__init__(message, name, stack)
        self.message = message
        self.name = name
        self.stack = stack

    def __str__(self) -> str:
        return self.message if self.name in {"", "Error"} else f"{self.name}: {self.message}"


class IsolateEnded(IsolateError):  # noqa: N818  # what happened
    """The isolate has ended, and all of its guest with it. Its subclasses say why."""


class IsolateDisposed(IsolateEnded):
    """Somebody disposed the isolate."""


class TimeLimitExceeded(IsolateEnded):
    """The guest held its thread in one turn for longer than `time_limit` allows."""


class MemoryLimitExceeded(IsolateEnded):
    """The guest needed more than `memory_limit` allows, and did not catch that."""


class EngineFailed(IsolateEnded):
    """The engine failed, or its own process died."""
