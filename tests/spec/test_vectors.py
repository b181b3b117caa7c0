"""Model and registry answer every vector as the specification does, and wrong ones do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from streamstate.model import OF_THE_TABLE, Dialect, advance, initial
from streamstate.registry import situations as compiling
from streamstate.wire import agrees, encode_effects
from tests.broken.shells import SHELL_FAULTS, ShellFault
from tests.broken.tables import TABLE_FAULTS, TableFault, planting
from tests.spec.by_hand import first_difference
from tests.spec.vectors import DIRECTORY, FILES, Vector, every, manifest, vectors

SCENARIOS: Final = {"scenarios", "scenarios_waiting", "scenarios_unbuffered", "scenarios_closing"}
"""Files of programs that are about no one rule."""


@pytest.fixture
def _compiled_anew() -> Iterator[None]:
    compiling.situations.cache_clear()
    yield
    compiling.situations.cache_clear()


def test_there_is_a_file_for_each_rule_and_one_of_scenarios() -> None:
    assert {file.stem for file in FILES} == {rule.name for rule in OF_THE_TABLE} | SCENARIOS


def test_the_manifest_counts_them() -> None:
    counts = {file.stem: len(vectors(file)) for file in FILES}
    assert manifest()["files"] == counts
    assert manifest()["vectors"] == sum(counts.values())
    assert all(counts.values())


def test_they_are_small_enough_to_commit() -> None:
    assert sum(file.stat().st_size for file in DIRECTORY.iterdir()) < 450_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_takes_the_rule_of_its_file(file: Path) -> None:
    for vector in vectors(file):
        assert vector.dialects
        assert file.stem in {*vector.rules, *SCENARIOS}


def test_the_model_answers_as_the_specification_does() -> None:
    for vector in every():
        for dialect in vector.samples():
            replay(vector, dialect)


def replay(vector: Vector, dialect: Dialect) -> None:
    state = initial(dialect, vector.limits)
    for op, answer, rule in zip(vector.program, vector.trace, vector.rules, strict=True):
        taken = advance(state, op)
        assert taken.rule.name == rule, (vector.name, str(dialect), op)
        assert agrees(answer, encode_effects(taken.effects)), (vector.name, str(dialect), op)
        state = taken.state


def test_the_registry_answers_as_the_specification_does() -> None:
    for vector in every():
        for dialect in vector.samples():
            at = first_difference(vector, dialect)
            assert at is None, (vector.name, str(dialect), at)


def caught_by(dialect: Dialect) -> str | None:
    """The first vector that the registry, broken by now, answers otherwise."""
    for vector in every():
        if dialect in vector.dialects and first_difference(vector, dialect) is not None:
            return vector.name
    return None


MISSED: Final = {
    "blocked_writers_are_forgotten": "answers do not show that a stream is unblocked",
    "unblocked_is_not_told": "answers do not show that a stream is unblocked",
}
"""Faults that no vector shows, and why."""


@pytest.mark.needs_pure
@pytest.mark.usefixtures("_compiled_anew")
@pytest.mark.parametrize("fault", TABLE_FAULTS, ids=lambda fault: fault.name)
def test_a_registry_with_a_wrong_rule_is_caught(
    fault: TableFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    planting(fault)(monkeypatch)
    assert (caught_by(Dialect.parse(fault.dialect)) is None) == (fault.name in MISSED)


@pytest.mark.needs_pure
@pytest.mark.usefixtures("_compiled_anew")
@pytest.mark.parametrize("fault", SHELL_FAULTS, ids=lambda fault: fault.name)
def test_a_registry_that_acts_wrongly_is_caught(
    fault: ShellFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault.patch(monkeypatch)
    assert (caught_by(Dialect.parse(fault.dialect)) is None) == (fault.name in MISSED)
