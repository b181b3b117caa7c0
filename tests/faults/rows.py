"""What was found, kept beside the page: rows.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from tests.faults.fault import Mode
from tests.faults.judging import First, Judged

FILE: Final = Path(__file__).parent / "rows.json"

Row: TypeAlias = Mapping[Mode, Judged | None]
"""For each way to ask: what was said, None if the fault was not caught."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A correct implementation, and how much of it was run. `rules` is how many rules its programs
    fired; `deviating` how many of them deviated."""

    language: str
    dialect: str
    programs: int
    ops: int
    rules: int
    deviating: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Both sides of the page: of faults by key, of correct implementations by name."""

    faults: dict[str, Row]
    sound: dict[str, Accepted]


def read_rows() -> Rows:
    """What was last found."""
    if not FILE.exists():
        return Rows({}, {})
    data = json.loads(FILE.read_text(encoding="utf-8"))
    return Rows(
        {
            key: {Mode(mode): _judged(each) for mode, each in row.items()}
            for key, row in data["faults"].items()
        },
        {name: Accepted(**each) for name, each in data["sound"].items()},
    )


def _judged(data: dict[str, Any] | None) -> Judged | None:
    if data is None:
        return None
    made = {"first": First(**data["first"]), "or_else": tuple(data["or_else"])}
    return Judged(**{**data, **made})


def write_rows(rows: Rows) -> None:
    """Keep what was found. The same rows give the same text, a line for each."""
    faults = {
        key: {mode.value: None if each is None else asdict(each) for mode, each in row.items()}
        for key, row in rows.faults.items()
    }
    sound = {name: asdict(each) for name, each in rows.sound.items()}
    text = f'{{"faults": {_lines(faults)},\n"sound": {_lines(sound)}}}\n'
    FILE.write_text(text, encoding="utf-8")


def _lines(entries: Mapping[str, object]) -> str:
    lines = (f"{json.dumps(name)}: {json.dumps(each)}" for name, each in entries.items())
    return "{\n" + ",\n".join(lines) + "}"
