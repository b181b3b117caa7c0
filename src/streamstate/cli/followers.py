"""Who follows which dialect: other people's implementations, each with a row that a run measured.

The rows are in `tests/implementations/rows`; a wheel has them as `rows`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from streamstate.model import POLICIES, Dialect

_PACKAGE: Final = Path(__file__).parents[1]
_PLACES: Final = (
    _PACKAGE / "rows",
    _PACKAGE.parents[1] / "tests" / "implementations" / "rows",
)


@dataclass(frozen=True, slots=True)
class Follower:
    """An implementation that somebody else wrote, as it was measured last.

    `fits` has, for each policy field, the values that fit its answers equally well. `leaves` are
    the rules at which its answers are those of no dialect, or the ops that settle in no order.
    """

    name: str
    version: str
    nearest: Dialect
    fits: Mapping[str, tuple[str, ...]]
    leaves: tuple[str, ...]

    @property
    def untold(self) -> tuple[str, ...]:
        """The fields of which its answers say nothing."""
        return tuple(field for field, fitting in self.fits.items() if fitting == POLICIES[field])

    def follows(self, dialect: Dialect) -> bool:
        """Whether no answer speaks for another value of any field."""
        return all(getattr(dialect, field) in fitting for field, fitting in self.fits.items())


def followers() -> tuple[Follower, ...]:
    """All of them, by name. O(rows)."""
    folder = next((place for place in _PLACES if place.is_dir()), _PLACES[0])
    found = [_read(path) for path in folder.glob("*.json")]
    return tuple(sorted(found, key=lambda each: each.name.lower()))


def in_words(follower: Follower, *, untold: bool) -> str:
    """Its name and version, and where it leaves the dialect; `untold` adds what nobody can tell."""
    words = f"{follower.name} {follower.version}"
    if untold and follower.untold:
        words += f", whatever its {_and(follower.untold)}"
    if follower.leaves:
        words += f", but for {_and(follower.leaves)}"
    return words


def by_nearest() -> Iterator[tuple[Dialect, tuple[Follower, ...]]]:
    """For each dialect that is the nearest of somebody: of whom. Those with most come first."""
    nearest: dict[Dialect, list[Follower]] = {}
    for each in followers():
        nearest.setdefault(each.nearest, []).append(each)
    for dialect in sorted(nearest, key=lambda one: (-len(nearest[one]), str(one))):
        yield dialect, tuple(nearest[dialect])


def _read(path: Path) -> Follower:
    row = json.loads(path.read_text(encoding="utf-8"))
    measured: dict[str, Any] = row["measured"]
    did = measured["behaviour"]
    rules = sorted({each["rule"] for each in did["differences"]})
    return Follower(
        name=row["name"],
        version=measured["version"],
        nearest=Dialect.parse(did["nearest"]),
        fits={
            field: tuple(value for value in values if value in did["fields"][field])
            for field, values in POLICIES.items()
        },
        leaves=(*rules, *(f"the order at {op}" for op in did["unordered"])),
    )


def _and(words: tuple[str, ...]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
