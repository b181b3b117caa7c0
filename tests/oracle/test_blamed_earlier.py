"""An op is to blame that shows nothing itself: one on another stream, one that a shorter way does
without, one that takes its place in a row, one that is late."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pytest

from streamstate.model import (
    Close,
    Create,
    Delete,
    IsQueueFull,
    Pull,
    Push,
    Rule,
)
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.plan import Planner, Suite
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.wire import Together, Turn
from tests.faults.catalogue import faults
from tests.faults.fault import Mode

_Ops = tuple[Turn, ...]


def _of(*programs: _Ops) -> Planner:
    def planner(_model: CachedModel, _capabilities: Collection[str], _seed: int) -> Iterator[Suite]:
        yield Suite("some", "programs of the test", map(program_of, programs))

    return planner


def _told(key: str, *programs: _Ops) -> tuple[Deviation, ...]:
    fault = faults()[key]
    with fault.plant(Mode.BLACK_BOX) as opener:
        return check(opener, fault.dialect, planner=_of(*programs)).deviations


@pytest.mark.parametrize(
    ("key", "program", "rule"),
    [
        ("kept/Mask32", (*(Create(),) * 33, Close(33), Pull(1)), Rule.CLOSE_3),
        (
            "kept/SupersededPermits",
            (Create(), *(Pull(1),) * 2, *(Push(1, b""),) * 16, IsQueueFull(1)),
            Rule.PULL_10,
        ),
    ],
)
def test_an_op_without_which_it_goes_well_is_to_blame(key: str, program: _Ops, rule: Rule) -> None:
    (deviation,) = _told(key, program)
    assert deviation.rule is rule


def test_what_comes_of_pulls_that_are_late_is_told_with_them() -> None:
    late = (Pull(1),)
    overtaken: _Ops = (Create(), Together((Pull(1), Delete(1))))
    (deviation,) = _told("javascript/pull_is_placed_late", late, overtaken)
    assert deviation.rule is Rule.PULL_1
    assert Rule.DELETE_3 in deviation.others
