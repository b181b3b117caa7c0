"""The guest `jco/ends.wat` in wasmtime, whose functions are those of the component model."""

from __future__ import annotations

import importlib.metadata
from importlib import import_module
from pathlib import Path
from typing import Any, Final

wasmtime: Final[Any] = import_module("wasmtime")  # which not everybody has
component: Final[Any] = import_module("wasmtime.component")

BLOCKED: Final = 0xFFFF_FFFF
DROPPED: Final = 1
READ: Final = 2
"""The kind of an event."""

_TEXT: Final = (Path(__file__).parents[1] / "jco" / "ends.wat").read_text(encoding="utf-8")
_SYNCHRONOUS: Final = _TEXT.replace(
    "cancel-read $bytes async", "cancel-read $bytes"
)  # which it has
_ENGINE: Final = wasmtime.Engine()
_STORE: Final = wasmtime.Store(_ENGINE)
_COMPONENT: Final = component.Component(_ENGINE, wasmtime.wat2wasm(_SYNCHRONOUS))
_GUEST: Final = component.Linker(_ENGINE).instantiate(_STORE, _COMPONENT)


def call(name: str, *arguments: Any) -> Any:
    """What the guest's function of that name returns."""
    return _GUEST.get_func(_STORE, name)(_STORE, *arguments)


def created() -> tuple[int, int, int]:
    """A new stream: its readable end, its writable end, and the set in which both are."""
    writable, readable = divmod(call("create"), 2**32)
    waits = call("waitable-set")
    for end in (readable, writable):
        call("join", end, waits)
    return readable, writable, waits


def version() -> str:
    return importlib.metadata.version("wasmtime")
