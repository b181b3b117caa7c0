"""How an implementation says in Python what the model says: a chunk, the end, a rejection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final


class UnreadableError(TypeError):
    """What a pull brought is neither a chunk nor the end, as far as the convention goes."""


ABSENT: Final = object()
"""Stands for what an object does not show."""


def attribute(shown: object, name: str) -> object:
    """What an object shows under that name: its item if it is a mapping, else its attribute.

    `ABSENT` where it shows nothing.
    """
    if isinstance(shown, Mapping):
        return shown.get(name, ABSENT)
    return getattr(shown, name, ABSENT)


def chunk_or_end(result: object) -> bytes | None:
    """The chunk that a pull brought, or None for the end.

    Read are: bytes-like objects; None; objects with `done` and `value`, such as `Chunk` and `Done`
    of streamstate, and mappings with these keys; `Done` and other classes whose `done` is true.
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

    `chunk`: what awaiting a pull gave → the chunk, or None for the end. May raise for what it
    cannot read: that is a deviation.
    `rejection`: what awaiting a pull raised → the message, or None for the end. The model's own
    messages are `Stream deleted`, `Pull superseded` and `Pull refused`.
    `error_value`: the message of an error → what `error` is called with.
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
