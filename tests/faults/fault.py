"""What a broken implementation is, wherever its fault was planted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final, TypeAlias

from streamstate.model import REFERENCE, Dialect, Rule
from streamstate.oracle.adapters.implementation import Opener


@unique
class Mode(Enum):
    """Whether the oracle may look into streams."""

    GET = "get"
    BLACK_BOX = "black box"


@unique
class Group(Enum):
    """Faults of one implementation and kind; the value is the heading of their table."""

    JAVASCRIPT = "A registry in JavaScript, one line changed"
    TABLE = "The asyncio registry, one rule of its table changed"
    STEP = "The asyncio registry, one op replaced"
    SHELL = "The asyncio registry, one action replaced"
    HARNESS = "Two small registries in Python, one method overridden"
    MEMORY = "A registry in JavaScript, that keeps, shares or misreads memory"
    KEPT = "A small registry in Python, that keeps what it has in another way"
    PYTHON = "A small registry in Python, some lines changed"
    TYPESCRIPT = "A small registry in TypeScript, some lines changed"
    GO = "A small registry in Go, some lines changed"
    RUST = "A small registry in Rust, some lines changed"
    JAVASCRIPT_BURSTS = "A registry in JavaScript, wrong only before all is quiet"
    PYTHON_BURSTS = "A small registry in Python, wrong only before all is quiet"
    TYPESCRIPT_KEPT = "A small registry in TypeScript, that keeps what it has in another way"
    RUST_KEPT = "A small registry in Rust, that keeps what it has in another way"

    @property
    def language(self) -> str:
        """What the faults of the group are written in."""
        return _LANGUAGES.get(self, "Python")


_LANGUAGES: Final = {
    Group.JAVASCRIPT: "JavaScript",
    Group.MEMORY: "JavaScript",
    Group.TYPESCRIPT: "TypeScript",
    Group.GO: "Go",
    Group.RUST: "Rust",
    Group.JAVASCRIPT_BURSTS: "JavaScript",
    Group.TYPESCRIPT_KEPT: "TypeScript",
    Group.RUST_KEPT: "Rust",
}

Planting: TypeAlias = Callable[[Mode], AbstractContextManager[Opener]]
"""While the context lasts, what is opened has the fault."""

BOTH: Final = (Mode.GET, Mode.BLACK_BOX)


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken implementation. `causes` are the rules whose code is wrong, any of which is rightly
    named; `shown_at`, where somebody has listed them, the rules at which that may show. Names are
    unique in a group."""

    group: Group
    name: str
    causes: frozenset[Rule]
    plant: Planting
    dialect: Dialect = REFERENCE
    shown_at: frozenset[Rule] = frozenset()
    modes: tuple[Mode, ...] = BOTH

    @property
    def key(self) -> str:
        """Its name among all faults."""
        return f"{self.group.name.lower()}/{self.name}"


def rules(names: str) -> frozenset[Rule]:
    """The rules of those names, written with spaces between them."""
    return frozenset(Rule[name] for name in names.split())
