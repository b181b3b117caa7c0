"""The comparison of specification and model finds every kind of difference, and says where."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from streamstate.model import OF_THE_TABLE, Dialect
from tests.spec.broken_models import BROKEN_MODELS, QUEUEING, BrokenModel
from tests.spec.compare import Bounds, Census, compare, explored, report
from tests.spec.extracted import DifferenceError

SMALL = Bounds(1, 2, 2)


def refusal(extracted: Path, broken: BrokenModel) -> str:
    dialect = Dialect.parse(broken.dialect)
    with pytest.raises(DifferenceError) as found:
        compare(explored(extracted, dialect, SMALL), dialect, advance=broken.advance)
    return str(found.value)


@pytest.mark.needs_rocq
@pytest.mark.parametrize("broken", BROKEN_MODELS, ids=lambda one: one.name)
def test_a_difference_is_named(extracted: Path, broken: BrokenModel) -> None:
    named = f"the specification takes {broken.rule.name}, the {broken.what} being\n"
    assert named in refusal(extracted, broken)


@pytest.mark.needs_rocq
def test_a_difference_is_shown_as_a_program(extracted: Path) -> None:
    (broken,) = (one for one in BROKEN_MODELS if one.name == "given back in another order")
    assert refusal(extracted, broken) == (
        "in reference, full at 3 bytes or 2 chunks, after\n"
        '  [["create"],["push",1,""],["push",1,""],["pull",1],["pull",1],'
        '["cancel_pull",1],["cancel_pull",2]]\n'
        "the specification takes CANCEL_PULL_4, the state being\n"
        '  [2,3,1,[[1,2,["open"],[[1,""],[2,""]],[],0]],[]]\n'
        "and in the model\n"
        '  [2,3,1,[[1,2,["open"],[[2,""],[1,""]],[],0]],[]]'
    )


@pytest.mark.needs_rocq
@pytest.mark.parametrize("name", ["reference", QUEUEING])
def test_the_model_itself_is_not_refused(extracted: Path, name: str) -> None:
    dialect = Dialect.parse(name)
    assert compare(explored(extracted, dialect, SMALL), dialect).transitions > 5_000


def test_a_program_that_falls_over_is_not_taken_for_one_that_is_through() -> None:
    with pytest.raises(RuntimeError, match="failed with status"):
        list(explored(Path(sys.executable), Dialect.parse("reference"), SMALL))


def test_a_rule_that_never_fired_is_a_failure() -> None:
    total = Census(1, 1)
    for rule in OF_THE_TABLE:
        assert report(total)[0] is False
        total.rules[rule.name] += 1
    assert report(total) == (True, f"1 transitions from 1 states, {len(OF_THE_TABLE)} rules")
