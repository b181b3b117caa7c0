"""Every rule is in all the places where a rule has to be, and nothing else is in them."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import pytest

from streamstate.model import OF_THE_TABLE, Dialect, Rule
from tests.agreement import exhaustive
from tests.broken import steps, tables, waits
from tests.broken.violations import steps_taken
from tests.spec import compare

SPEC: Final = Path(__file__).parents[1] / "spec"


def headings(spec: Path) -> list[str]:
    text = (spec / "semantics.md").read_text(encoding="utf-8")
    return re.findall(r"^#+ ([A-Z_]+_[0-9]+)$", text, re.MULTILINE)


def constructors(spec: Path) -> list[str]:
    text = (spec / "rocq" / "Table.v").read_text(encoding="utf-8")
    found = re.search(r"^Inductive rule :=\s*\|(.+?)\.$", text, re.MULTILINE | re.DOTALL)
    assert found is not None, "Table.v has no inductive type rule"
    return [name.strip() for name in found[1].split("|")]


def counted(spec: Path) -> list[str]:
    manifest = json.loads((spec / "vectors" / "manifest.json").read_text(encoding="utf-8"))
    return [name for name in manifest["files"] if not name.startswith("scenarios")]


def files(spec: Path) -> list[str]:
    return [file.stem for file in vector_files(spec) if not file.stem.startswith("scenarios")]


def taken_by_vectors(spec: Path) -> set[str]:
    lines = (line for file in vector_files(spec) for line in file.read_text().splitlines())
    return {rule for line in lines for rule in json.loads(line)["rules"]}


def vector_files(spec: Path) -> list[Path]:
    return sorted((spec / "vectors").glob("*.jsonl"))


def fired(dialects: Iterable[Dialect]) -> set[str]:
    return {
        taken.step.rule.name
        for dialect in dialects
        for limits in (exhaustive.LIMITS, exhaustive.UNBUFFERED)
        for taken in steps_taken(dialect, limits=limits)
    }


def violated_alone() -> set[str]:
    """By a fault that `tests/broken/test_rules.py` shows to violate no other rule."""
    in_table = (*tables.TABLE_FAULTS, *waits.WAIT_TABLE_FAULTS)
    in_steps = (*steps.STEP_FAULTS, *waits.WAIT_STEP_FAULTS)
    alone = {fault.rule.name for fault in in_table if not fault.also}
    return alone | {fault.rule.name for fault in in_steps}


PLACES: Final[Mapping[str, Callable[[Path], Iterable[str]]]] = {
    "the headings of semantics.md": headings,
    "the constructors of rule in rocq/Table.v": constructors,
    "the files that vectors/manifest.json counts": counted,
    "the files in vectors/": files,
    "the rules that vectors take": taken_by_vectors,
    "the rules that short sequences take": lambda _: fired(exhaustive.DIALECTS),
    "the rules in the dialects of the gate": lambda _: fired(map(Dialect.parse, compare.DIALECTS)),
    "the rules that a fault violates alone": lambda _: violated_alone(),
}
"""Where each rule must be, once, and how to read, in a `spec` directory, which are there."""


PAGE: Final = "the headings of semantics.md"
"""The one place where the rules of memory are, too: the others are about what the table says."""


def complaints(place: str, ids: Iterable[str]) -> list[str]:
    """What is wrong with these as the ids of all the rules that have to be in that place."""
    rules = Rule if place == PAGE else OF_THE_TABLE
    counts, known = Counter(ids), {rule.name for rule in rules}
    return (
        [f"{name} is missing" for name in sorted(known - counts.keys())]
        + [f"{name} is not a rule" for name in sorted(counts.keys() - known)]
        + [f"{name} is there {times} times" for name, times in counts.items() if times > 1]
    )


@pytest.mark.parametrize("place", PLACES)
def test_rules_are_all_there(place: str) -> None:
    assert complaints(place, PLACES[place](SPEC)) == []


Breaking: TypeAlias = Callable[[Path, pytest.MonkeyPatch], None]
"""Breaks a copy of `spec`, or what the tests have."""


@dataclass(frozen=True)
class Break:
    """What is done, and what `place` is to be blamed for then."""

    place: str
    breaking: Breaking
    complaints: tuple[str, ...]


def editing(name: str, old: str, new: str) -> Breaking:
    def breaking(spec: Path, _patch: pytest.MonkeyPatch) -> None:
        text = (spec / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} has changed"
        (spec / name).write_text(text.replace(old, new), encoding="utf-8")

    return breaking


def rename_a_file(spec: Path, _patch: pytest.MonkeyPatch) -> None:
    (spec / "vectors" / "PULL_1.jsonl").rename(spec / "vectors" / "PULL_99.jsonl")


def call_a_rule_otherwise(spec: Path, _patch: pytest.MonkeyPatch) -> None:
    for file in vector_files(spec):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace('"PULL_1"', '"PULL_99"'), encoding="utf-8")


def leave_out_a_policy(_spec: Path, patch: pytest.MonkeyPatch) -> None:
    accepting = [one for one in exhaustive.DIALECTS if one.push_when_full != "refuse"]
    patch.setattr(exhaustive, "DIALECTS", accepting)


def leave_out_a_policy_of_the_gate(_spec: Path, patch: pytest.MonkeyPatch) -> None:
    accepting = [one for one in compare.DIALECTS if "push_when_full=refuse" not in one]
    patch.setattr(compare, "DIALECTS", accepting)


def leave_out_the_faults_of_a_rule(_spec: Path, patch: pytest.MonkeyPatch) -> None:
    others = [fault for fault in tables.TABLE_FAULTS if fault.rule is not Rule.PULL_1]
    patch.setattr(tables, "TABLE_FAULTS", others)


RENAMED: Final = ("PULL_1 is missing", "PULL_99 is not a rule")

BREAKS: Final = (
    Break(
        "the headings of semantics.md",
        editing("semantics.md", "\n### PULL_1\n", "\n### PULL_99\n"),
        RENAMED,
    ),
    Break(
        "the headings of semantics.md",
        editing("semantics.md", "\n### PULL_1\n", "\n### PULL_2\n"),
        ("PULL_1 is missing", "PULL_2 is there 2 times"),
    ),
    Break(
        "the constructors of rule in rocq/Table.v",
        editing("rocq/Table.v", "| PULL_1 |", "| PULL_99 |"),
        RENAMED,
    ),
    Break(
        "the constructors of rule in rocq/Table.v",
        editing("rocq/Table.v", "| PULL_1 |", "| PULL_1 | Anything |"),
        ("Anything is not a rule",),
    ),
    Break(
        "the files that vectors/manifest.json counts",
        editing("vectors/manifest.json", '"PULL_1":', '"PULL_99":'),
        RENAMED,
    ),
    Break("the files in vectors/", rename_a_file, RENAMED),
    Break("the rules that vectors take", call_a_rule_otherwise, RENAMED),
    Break("the rules that short sequences take", leave_out_a_policy, ("PUSH_7 is missing",)),
    Break(
        "the rules in the dialects of the gate",
        leave_out_a_policy_of_the_gate,
        ("PUSH_7 is missing",),
    ),
    Break(
        "the rules that a fault violates alone",
        leave_out_the_faults_of_a_rule,
        ("PULL_1 is missing",),
    ),
)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: one.place)
def test_what_is_missing_or_too_much_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    spec = tmp_path / "spec"
    shutil.copytree(SPEC, spec)
    broken.breaking(spec, monkeypatch)
    assert complaints(broken.place, PLACES[broken.place](spec)) == list(broken.complaints)


def test_each_place_can_fail() -> None:
    assert {broken.place for broken in BREAKS} == set(PLACES)
