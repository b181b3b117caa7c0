"""A guest of the WebAssembly component model, and the two ends of a `stream<u8>` as its own
language would give them to it. The model is `definitions.py`, its executable semantics."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from hashlib import sha1
from importlib import import_module
from pathlib import Path
from typing import Any, Final

sys.path.append(os.environ["COMPONENT_MODEL"])
model: Final[Any] = import_module("definitions")  # which everybody has to fetch

_BYTES: Final = model.StreamType(model.U8Type())
_ROOM: Final = 100_000


class Ends:
    """Both ends of a stream, in memory of their own. Raises the model's `Trap` where it traps."""

    def __init__(self) -> None:
        self._memory: Final = model.MemInst(bytearray(2 * _ROOM + 8), "i32")
        self._its: Final = model.CanonicalOptions(memory=self._memory, async_=True)
        (ends,) = model.canon_stream_new(_BYTES)
        self._readable, self._writable = ends & 0xFFFF_FFFF, ends >> 32
        (self._set,) = model.canon_waitable_set_new()
        for end in (self._readable, self._writable):
            model.canon_waitable_join(end, self._set)

    def write(self, chunk: bytes) -> int:
        """Its payload: a result, and how many bytes were copied; or that it is blocked."""
        self._memory.bytes[: len(chunk)] = chunk
        (payload,) = model.canon_stream_write(_BYTES, self._its, self._writable, 0, len(chunk))
        return int(payload)

    def read(self) -> int:
        (payload,) = model.canon_stream_read(_BYTES, self._its, self._readable, _ROOM, _ROOM)
        return int(payload)

    def brought(self, payload: int) -> bytes:
        """What a read with that payload put into the memory."""
        return bytes(self._memory.bytes[_ROOM : _ROOM + (payload >> 4)])

    def cancel_read(self) -> None:
        model.canon_stream_cancel_read(_BYTES, True, self._readable)

    def drop_readable(self) -> None:
        model.canon_stream_drop_readable(_BYTES, self._readable)

    def drop_writable(self) -> None:
        model.canon_stream_drop_writable(_BYTES, self._writable)

    def events(self) -> Iterator[tuple[int, int]]:
        """Of the copies that were blocked those that ended: which kind, and the payload."""
        at = 2 * _ROOM
        while True:
            (code,) = model.canon_waitable_set_poll(False, self._memory, self._set, at)
            if code == model.EventCode.NONE:
                return
            yield code, int.from_bytes(self._memory.bytes[at + 4 : at + 8], "little")


def version() -> str:
    """The file has none, so it is the start of its blob's name in git."""
    text = Path(model.__file__).read_bytes()
    return sha1(b"blob %d\0" % len(text) + text, usedforsecurity=False).hexdigest()[:12]


def in_a_guest(work: Callable[[], None]) -> None:
    """Call it as a function of a component, in a thread of the model's."""

    def exported(_arguments: list[Any]) -> list[Any]:
        try:
            work()
        except BaseException:  # for which the model would wait for ever
            traceback.print_exc()
            os._exit(1)
        return []

    store = model.Store()
    guest = model.ComponentInstance(store)
    function = store.lift(exported, model.FuncType([], []), model.CanonicalOptions(), guest)
    store.invoke(function, list, lambda _result: None)
