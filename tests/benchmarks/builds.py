"""Which build of the registry runs, what it is to reach, and another to time it against."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Final, Literal, TypeAlias

from tests.benchmarks.work import Kind

Build: TypeAlias = Literal["compiled", "pure"]

WORKS: Final = "tests.benchmarks.peers.streamstate_registry"

_PURE: Final[Mapping[Kind, float]] = MappingProxyType(
    {"buffered": 2.8, "handoff": 1.40, "loop": 2.2, "pipe": 1.75}
)
_COMPILED: Final[Mapping[Kind, float]] = MappingProxyType(
    {"buffered": 1.0, "handoff": 1.05, "loop": 1.0, "pipe": 1.1}
)
_COMPILED_3_11: Final[Mapping[Kind, float]] = MappingProxyType(
    {"buffered": 0.6, "handoff": 1.0, "loop": 0.55, "pipe": 0.9}
)


def running() -> Build:
    """Which build this is, of the `streamstate` that is imported now."""
    core = import_module("streamstate.registry.core")
    return "pure" if str(core.__file__).endswith(".py") else "compiled"


def goals(build: Build) -> Mapping[Kind, float]:
    """At most how many times as long as `asyncio.Queue` each kind of work may take.

    From 3.12 on a compiled object is awaited more slowly than one of the interpreter's own, so
    that the goals of a compiled build are others there.
    """
    if build == "pure":
        return _PURE
    return _COMPILED_3_11 if sys.version_info < (3, 12) else _COMPILED


def of_checkout(source: Path) -> tuple[Build, ModuleType]:
    """The registry of another checkout, in this process: its build, and the works that use it.

    Both packages have the same name, so the modules of the one are put aside while the other is
    imported. What each imported stays its own; the works are loaded anew, too, so that the
    interpreter specialises them for this registry. Raises `FileNotFoundError` if there is none.
    """
    if not (source / "streamstate" / "__init__.py").is_file():
        raise FileNotFoundError(f"{source} has no streamstate/__init__.py; expected a src folder")
    peers = import_module(WORKS.rpartition(".")[0])
    aside = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_ours(name)}
    sys.path.insert(0, str(source.resolve()))
    try:
        works = import_module(WORKS)
        return running(), works
    finally:
        sys.path.remove(str(source.resolve()))
        for name in [name for name in sys.modules if _is_ours(name)]:
            del sys.modules[name]
        sys.modules.update(aside)
        setattr(peers, WORKS.rpartition(".")[2], aside.get(WORKS))


def _is_ours(name: str) -> bool:
    return name in {"streamstate", WORKS} or name.startswith("streamstate.")
