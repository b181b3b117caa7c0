"""The model answers every vector as the specification does."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamstate.model import Dialect, Rule, advance, initial
from streamstate.wire import agrees, encode_effects
from tests.spec.vectors import DIRECTORY, Vector, manifest, vectors

FILES = sorted(DIRECTORY.glob("*.jsonl"))


def test_there_is_a_file_for_each_rule_and_one_of_scenarios() -> None:
    assert {file.stem for file in FILES} == {rule.name for rule in Rule} | {"scenarios"}


def test_the_manifest_counts_them() -> None:
    counts = {file.stem: len(vectors(file)) for file in FILES}
    assert manifest()["files"] == counts
    assert manifest()["vectors"] == sum(counts.values())
    assert all(counts.values())


def test_they_are_small_enough_to_commit() -> None:
    assert sum(file.stat().st_size for file in DIRECTORY.iterdir()) < 300_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_model_answers_as_the_specification_does(file: Path) -> None:
    for vector in vectors(file):
        assert vector.dialects
        if file.stem != "scenarios":
            assert file.stem in vector.rules
        for dialect in {vector.dialects[0], vector.dialects[-1]}:
            replay(vector, dialect)


def replay(vector: Vector, dialect: Dialect) -> None:
    state = initial(dialect, vector.limits)
    for op, answer, rule in zip(vector.program, vector.trace, vector.rules, strict=True):
        taken = advance(state, op)
        assert taken.rule.name == rule, (vector.name, str(dialect), op)
        assert agrees(answer, encode_effects(taken.effects)), (vector.name, str(dialect), op)
        state = taken.state
