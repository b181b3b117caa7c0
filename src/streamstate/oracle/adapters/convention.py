"""How an implementation expresses in Python a chunk, the end and a rejection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from streamstate.model import Get, Op
from streamstate.wire import Json, encode_bytes


class UnreadableError(TypeError):
    """By the convention, the result of a pull is neither a chunk nor the end."""


ABSENT: Final = object()
"""Stands for a part that an object does not have."""


def attribute(shown: object, name: str) -> object:
    """The item of that name if the object is a mapping, else the attribute.

    `ABSENT` if there is none.
    """
    if isinstance(shown, Mapping):
        return shown.get(name, ABSENT)
    return getattr(shown, name, ABSENT)


def chunk_or_end(result: object) -> bytes | None:
    """The chunk that a pull brought, or None for the end.

    It reads bytes-like objects; None; objects with `done` and `value`, such as streamstate's
    `Chunk` and `Done`, and mappings with these keys; `Done` and other classes whose `done` is true.
    Raises `UnreadableError` for anything else.
    """
    if result is None or isinstance(result, bytes):
        return result
    if attribute(result, "done") is True:
        return None
    value = attribute(result, "value")
    for chunk in (result, value):
        if isinstance(chunk, (bytes, bytearray, memoryview)):
            return bytes(chunk)
    raise UnreadableError(f"{type(result).__name__} {result!r}: neither a chunk nor the end")


def message_or_end(error: BaseException) -> str | None:
    """The message of the exception that a pull raised, or None for the end.

    `StopAsyncIteration` is the end. The message is the exception's one argument where that is a
    string (`str(KeyError("gone"))` has quotes that nobody wrote), else `str` of it.
    """
    if isinstance(error, StopAsyncIteration):
        return None
    match error.args:
        case (str(message),):
            return message
        case _:
            return str(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """How to read an implementation. The defaults fit most; give what differs.

    `chunk`: the result of awaiting a pull → the chunk, or None for the end. It may raise for a
    result that it cannot read: that is a deviation.
    `rejection`: the exception of awaiting a pull → the message, or None for the end. The model's
    own messages are `Stream deleted`, `Pull superseded` and `Pull refused`.
    `error_value`: the message of an error → the value to call `error` with.
    `get`: whether `get`, where there is one, shows streams as `StreamRegistry` says.
    """

    chunk: Callable[[object], bytes | None] = chunk_or_end
    rejection: Callable[[BaseException], str | None] = message_or_end
    error_value: Callable[[str], object] = RuntimeError
    get: bool = True

    def message(self, error_value: object) -> str:
        """The message of an error value, as `get` shows it."""
        if isinstance(error_value, BaseException):
            return self.rejection(error_value) or ""
        return str(error_value)

    def returned(self, op: Op, value: object) -> Json:
        """The result of `op` in wire form. Raises `TypeError` for a view whose queue does not hold
        chunks."""
        if not isinstance(op, Get):
            return _plain(value)
        return None if value is None else dict(self._shown(value))

    def _shown(self, view: object) -> Iterator[tuple[str, Json]]:
        """The parts of a view that are there."""
        queue = attribute(view, "queue")
        if queue is not ABSENT:
            yield "queue", [encode_bytes(bytes(chunk)) for chunk in _items(queue)]
        for name in ("queue_size", "closed", "errored", "pull_waiting"):
            value = attribute(view, name)
            if value is not ABSENT:
                yield name, _plain(value)
        error_value = attribute(view, "error_value")
        if error_value is not ABSENT:
            errored = attribute(view, "errored")
            yield "error", self.message(error_value) if errored else None

    def threw(self, error: BaseException) -> str:
        """The text that reports an op that raised."""
        return f"{type(error).__name__}: {error}".removesuffix(": ")


def _plain(value: object) -> Json:
    """As JSON. A value that no op may return becomes a string that shows it."""
    if value is None or type(value) in {bool, int}:
        return value  # type: ignore[return-value]  # one of these three
    return f"{type(value).__name__} {value!r}"


def _items(queue: object) -> Iterable[Any]:
    if not isinstance(queue, Iterable):
        raise TypeError(f"the queue that get shows is {queue!r}, not chunks")
    return queue
