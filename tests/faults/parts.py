"""Faults that can be planted beside others in one registry: each is in another place of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final, TypeAlias, cast

import pytest

from streamstate.model import REFERENCE, Rule
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from streamstate.registry import Build, actions, build
from streamstate.registry import situations as compiling
from tests.broken.patches import Patch
from tests.broken.shells import SHELL_FAULTS, ShellFault
from tests.broken.step_fault import StepFault
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS, TableFault, planting
from tests.faults.asyncio_registry import registry
from tests.faults.catalogue import faults
from tests.faults.fault import Fault, Mode
from tests.faults.javascript import FOLDER, variant
from tests.faults.rows import read_rows

_Places: TypeAlias = frozenset[object]


@dataclass(frozen=True, slots=True)
class Part:
    """A fault, and the places in a registry that it needs for itself: those of another one that is
    planted with it are different, and so are its causes."""

    key: str
    causes: frozenset[Rule]
    places: _Places

    def is_apart_from(self, other: Part) -> bool:
        """Whether both can be planted at once, and each is to be told by rules of its own."""
        return not (self.places & other.places or self.causes & other.causes)


@dataclass(frozen=True, slots=True)
class Composable:
    """A registry, and the faults that may be planted in it, any that are apart at once."""

    name: str
    parts: tuple[Part, ...]
    plant: Callable[[Sequence[Part]], AbstractContextManager[Opener]]

    def drawn(self, random: Random, size: int) -> tuple[Part, ...]:
        """So many of them that are apart."""
        chosen: list[Part] = []
        while len(chosen) < size:
            chosen = []
            for part in random.sample(self.parts, len(self.parts)):
                if len(chosen) < size and all(part.is_apart_from(other) for other in chosen):
                    chosen.append(part)
        return tuple(chosen)


def composables() -> tuple[Composable, ...]:
    """The registry in JavaScript and, where its functions can be replaced, that in Python, all in
    the dialect `reference` and as black boxes."""
    found = [Composable("javascript", tuple(_in_javascript()), _javascript)]
    if build() is not Build.COMPILED:
        found.append(Composable("python", tuple(_in_python()), _python))
    return tuple(found)


def _caught(fault: Fault) -> bool:
    """Whether it shows in the dialect `reference` without get."""
    row = read_rows().faults[fault.key]
    return fault.dialect == REFERENCE and row.get(Mode.BLACK_BOX) is not None


# The registry in JavaScript: pieces of its text.


def _in_javascript() -> Iterator[Part]:
    edits = {each["name"]: each for each in json.loads((FOLDER / "faults.json").read_text("utf-8"))}
    source = (FOLDER / "registry.mjs").read_text("utf-8")
    for fault in faults().values():
        if fault.key.startswith("javascript/") and _caught(fault):
            lines = _lines_of(source, edits[fault.name]["find"])
            yield Part(fault.key, fault.causes, frozenset(lines))


def _lines_of(source: str, piece: str) -> Iterator[int]:
    first = source[: source.index(piece)].count("\n")
    yield from range(first, first + piece.count("\n") + 1)


@contextmanager
def _javascript(parts: Sequence[Part]) -> Iterator[Opener]:
    chosen = [option for part in parts for option in ("--fault", _name(part))]
    command = variant(REFERENCE, "--without", "get", *chosen)
    yield lambda: ChildImplementation(command)


def _name(part: Part) -> str:
    return part.key.partition("/")[2]


# The registry in Python: rules of its table, and what is replaced in its modules.

_Any: TypeAlias = TableFault | StepFault | ShellFault


@cache
def _by_key() -> dict[str, _Any]:
    return {
        **{f"table/{each.name}": each for each in TABLE_FAULTS},
        **{f"step/{each.name}": each for each in STEP_FAULTS},
        **{f"shell/{each.name}": each for each in SHELL_FAULTS},
    }


def _in_python() -> Iterator[Part]:
    for key, planted in _by_key().items():
        fault = faults().get(key)
        if fault is not None and _caught(fault):
            yield Part(key, fault.causes, _places(planted))


def _places(planted: _Any) -> _Places:
    if isinstance(planted, TableFault):
        return frozenset({planted.rule})
    watching = _Watching()
    planted.patch(cast(pytest.MonkeyPatch, watching))
    return frozenset(watching.places)


class _Watching:
    """Replaces nothing, and remembers what would be: of the table of actions those that differ."""

    def __init__(self) -> None:
        self.places: Final[set[object]] = set()

    def setattr(self, target: object, name: str, value: object) -> None:
        """Note it."""
        if name == "_DO" and isinstance(value, dict):
            changed = (key for key, each in value.items() if actions._DO[key] is not each)
            self.places.update(changed)
        elif name != "situations":  # what is compiled anew, whatever the action
            self.places.add((target, name))


@contextmanager
def _python(parts: Sequence[Part]) -> Iterator[Opener]:
    planted = [_by_key()[part.key] for part in parts]
    tables = [each for each in planted if isinstance(each, TableFault)]
    patches: list[Patch] = [each.patch for each in planted if not isinstance(each, TableFault)]
    if tables:
        patches.append(planting(*tables))
    with pytest.MonkeyPatch.context() as monkeypatch:
        compiling.situations.cache_clear()
        for patch in patches:
            patch(monkeypatch)
        try:
            yield registry(REFERENCE, Mode.BLACK_BOX)
        finally:
            compiling.situations.cache_clear()
