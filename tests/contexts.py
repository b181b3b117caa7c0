"""Objects of every kind that can be the context of a registry."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from weakref import WeakSet


class Plain:
    pass


class Slotted:
    __slots__ = ("__weakref__", "held")


class SlottedWithDict:
    __slots__ = ("__dict__",)  # not weakly referenceable


@dataclass(frozen=True)
class Frozen:
    name: str


@dataclass(frozen=True, slots=True, weakref_slot=True)
class FrozenSlotted:
    name: str


@dataclass
class Unhashable:
    items: list[int] = field(default_factory=list)


class Stubborn:
    """It allows no attribute to be set, as proxies and settings objects do."""

    def __setattr__(self, name: str, value: object) -> None:
        raise TypeError("no attributes here")


class Colour(Enum):
    RED = 1


class Meta(type):
    def __setattr__(cls, name: str, value: object) -> None:
        raise TypeError("no attributes here")


class Closed(metaclass=Meta):
    pass


def function() -> None:
    pass


def generate() -> Iterator[int]:
    yield 1


def make_contexts() -> dict[str, object]:
    return {
        "plain": Plain(),
        "slotted": Slotted(),
        "slotted with a dict": SlottedWithDict(),
        "frozen": Frozen("x"),
        "frozen and slotted": FrozenSlotted("x"),
        "unhashable": Unhashable(),
        "refusing attributes": Stubborn(),
        "class": type("Fresh", (), {}),
        "class refusing attributes": Closed,
        "built-in class": complex,
        "enum member": Colour.RED,
        "function": function,
        "module": types.ModuleType("fresh"),
        "set": WeakSet[Plain](),
        "frozenset": frozenset({1}),
        "generator": generate(),
    }
