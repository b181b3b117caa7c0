"""The vectors that the specification made, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from streamstate.model import NAMED, POLICIES, Dialect, Limits, Op, lattice
from streamstate.wire import Json, parse_limits, parse_program

DIRECTORY: Final = Path(__file__).parents[2] / "spec" / "vectors"

FILES: Final = sorted(DIRECTORY.glob("*.jsonl"))


@dataclass(frozen=True)
class Vector:
    """One line: `program` answers `trace` and takes `rules` in every one of `dialects`."""

    name: str
    needs: tuple[str, ...]
    dialects: tuple[Dialect, ...]
    limits: Limits
    program: tuple[Op, ...]
    trace: tuple[Json, ...]
    rules: tuple[str, ...]

    def samples(self) -> tuple[Dialect, ...]:
        """Those of `dialects` that tell most: the first and the last, between which every field
        that may vary does, and the named ones. In all of them it would take ten times as long,
        and the policies that a vector leaves open are the ones that it does not come near."""
        named = [dialect for dialect in NAMED.values() if dialect in self.dialects]
        return tuple(dict.fromkeys((self.dialects[0], self.dialects[-1], *named)))


def manifest() -> Any:
    """What the specification says that there is."""
    return json.loads((DIRECTORY / "manifest.json").read_text(encoding="utf-8"))


def vectors(file: Path) -> list[Vector]:
    """Those of one file."""
    return [_vector(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


@cache
def every() -> tuple[Vector, ...]:
    """All of them."""
    return tuple(vector for file in FILES for vector in vectors(file))


def _vector(line: dict[str, Any]) -> Vector:
    return Vector(
        line["id"],
        tuple(line["needs"]),
        tuple(one for one in lattice() if _fits(one, line["dialects"])),
        parse_limits(line["limits"]) if "limits" in line else Limits(),
        parse_program(line["program"]),
        tuple(line["trace"]),
        tuple(line["rules"]),
    )


def _fits(dialect: Dialect, allowed: Mapping[str, list[str]]) -> bool:
    assert allowed.keys() <= POLICIES.keys()
    return all(getattr(dialect, field) in values for field, values in allowed.items())
