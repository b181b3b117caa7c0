"""What an op returned or raised, as the wire has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streamstate.model import Get, Op
from streamstate.testing.convention import ABSENT, Convention, attribute
from streamstate.wire import Json, encode_bytes


def encode(op: Op, returned: object, convention: Convention) -> Json:
    """What `op` returned. Raises `TypeError` for a view whose queue is no chunks."""
    if not isinstance(op, Get):
        return _plain(returned)
    return None if returned is None else dict(_shown(returned, convention))


def threw(error: BaseException) -> Json:
    """What an op raised."""
    text = f"{type(error).__name__}: {error}".removesuffix(": ")
    return {"threw": text}


def _plain(value: object) -> Json:
    """As JSON; what no op may return is shown as a string."""
    if value is None or type(value) in {bool, int}:
        return value  # type: ignore[return-value]  # one of these three
    return f"{type(value).__name__} {value!r}"


def _shown(view: object, convention: Convention) -> Iterable[tuple[str, Json]]:
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
        yield "error", convention.message(error_value) if errored else None


def _items(queue: object) -> Iterable[Any]:
    if not isinstance(queue, Iterable):
        raise TypeError(f"the queue that get shows is {queue!r}, not chunks")
    return queue
