"""Other people's implementations: one file of data each, half written by hand and half measured.

By hand: the adapter, what it needs, what each op is there, what it comes down to. Measured, by
`python -m tests.oracle.foreign_page NAME …`: who it was on that day, the dialect, the differences.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from streamstate.model import Dialect
from streamstate.oracle.programs.program import with_fills
from streamstate.wire import Json, compact, encode_limits
from tests.oracle.foreign import Difference, exchange, find
from tests.oracle.foreign_cancel import fate_of_a_handed_chunk
from tests.oracle.foreign_toolchains import (
    IMPLEMENTATIONS,
    Command,
    Elsewhere,
    Needs,
    Toolchain,
    how_to_install,
    start,
)

FOLDER: Final = IMPLEMENTATIONS / "rows"

_SHOWN: Final = 62


@dataclass(frozen=True, slots=True)
class Shortest:
    """The shortest program at whose last op a rule was not kept, in one way, and both answers."""

    rule: str
    program: Json
    expected: str
    observed: str


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What an implementation does: this has to hold.

    `fields` has for each policy field the values that fit equally well. `unordered` are the ops
    that settle many pulls in no order. `cancelled` is what becomes of a chunk whose pull is given
    up, for each way to do that.
    """

    lacks: tuple[str, ...]
    limits: Mapping[str, int] | None
    nearest: str
    fields: Mapping[str, tuple[str, ...]]
    differences: tuple[Shortest, ...]
    unordered: tuple[str, ...]
    cancelled: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """When it was run last, who it said it was, and what it did."""

    date: str
    version: str
    language: str
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Row:
    """An implementation that nobody here wrote.

    `cancels` are the ways to give up a pull, each with what the adapter has to be told for it.
    `ops` says what each op is there, and `comes_to` what the row comes down to.
    """

    name: str
    adapter: str
    arguments: tuple[str, ...]
    needs: Needs
    cancels: Mapping[str, tuple[str, ...]]
    ops: Mapping[str, str]
    comes_to: str
    measured: Measured | None

    @property
    def command(self) -> Command | None:
        """What starts its adapter; None where something that it needs is not there."""
        return start(self.needs, self.adapter, self.arguments)

    @property
    def install(self) -> str:
        """How what it needs gets there; empty where nothing is needed."""
        return how_to_install(self.needs, self.adapter)

    @property
    def known(self) -> Measured:
        """What was measured last. Raises `ValueError` where nothing was."""
        if self.measured is None:
            raise ValueError(f"{self.name} was not measured yet")
        return self.measured


def rows() -> tuple[Row, ...]:
    """All of them, by language and name."""
    found = [_read(path) for path in FOLDER.glob("*.json")]
    return tuple(sorted(found, key=lambda row: (Path(row.adapter).parent, row.name.lower())))


def row_of(name: str) -> Row:
    """The row of the file of that name."""
    return _read(FOLDER / f"{name}.json")


def behaviour(row: Row, command: Command) -> Behaviour:
    """Measure it. Runs its adapter a few times."""
    finding = find(command)
    return Behaviour(
        lacks=finding.lacks,
        limits=None if finding.limits is None else encode_limits(finding.limits),
        nearest=str(finding.nearest),
        fields={field: tuple(sorted(fitting)) for field, fitting in finding.fields.items()},
        differences=tuple(map(_shortest, finding.differences)),
        unordered=finding.unordered,
        cancelled={
            way: fate_of_a_handed_chunk((*command, *arguments)).value
            for way, arguments in row.cancels.items()
        },
    )


def measured(row: Row, command: Command) -> Row:
    """The row with what it does today."""
    (hello,) = exchange(command)
    who = hello["implementation"]
    today = datetime.now(UTC).date().isoformat()
    now = Measured(today, who["version"], who["language"].split()[0], behaviour(row, command))
    return replace(row, measured=now)


def write(row: Row) -> None:
    """Put what was measured into the row's file."""
    (path,) = (path for path in FOLDER.glob("*.json") if _read(path).name == row.name)
    value = json.loads(path.read_text(encoding="utf-8"))
    value["measured"] = asdict(row.known)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _shortest(difference: Difference) -> Shortest:
    return Shortest(
        difference.rule,
        [with_fills(op) for op in difference.program],
        _cut(compact(difference.expected)),
        _cut(compact(difference.observed)),
    )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _read(path: Path) -> Row:
    value = json.loads(path.read_text(encoding="utf-8"))
    needs = value.pop("needs")
    elsewhere = needs.pop("elsewhere", None)
    known = value.pop("measured", None)
    return Row(
        name=value.pop("name"),
        adapter=value.pop("adapter"),
        arguments=tuple(value.pop("arguments", ())),
        needs=Needs(
            on=Toolchain(needs.pop("on")),
            versions=tuple(needs.pop("versions", ())),
            program=tuple(needs.pop("program", ())),
            elsewhere=None if elsewhere is None else Elsewhere(**elsewhere),
            **needs,
        ),
        cancels={way: tuple(told) for way, told in value.pop("cancels", {}).items()},
        measured=None if known is None else _measured(known),
        **value,
    )


def _measured(value: dict[str, Any]) -> Measured:
    did = value.pop("behaviour")
    Dialect.parse(did["nearest"])  # a name that is one
    return Measured(
        **value,
        behaviour=Behaviour(
            lacks=tuple(did["lacks"]),
            limits=did["limits"],
            nearest=did["nearest"],
            fields={field: tuple(values) for field, values in did["fields"].items()},
            differences=tuple(Shortest(**each) for each in did["differences"]),
            unordered=tuple(did["unordered"]),
            cancelled=did["cancelled"],
        ),
    )
