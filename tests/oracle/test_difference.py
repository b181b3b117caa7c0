"""In which way two traces differ, and when a difference in time is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamstate.oracle.adapters.implementation import Reply
from streamstate.oracle.verdict.comparing import abridged, first_difference
from streamstate.oracle.verdict.deviation import Kind
from streamstate.wire import Json, compact, trace
from streamstate.wire.in_words import clean
from streamstate.wire.ops import parse_program

PROGRAM = parse_program(
    '[["create"],["create"],["pull",2],["pull",1],["push",1,"AQ=="],["pull",1],["clear"],["get",1]]'
)
EXPECTED = tuple(answered.json for answered in trace(PROGRAM))
DELETED: list[Json] = [[3, "error", "Stream deleted"], [1, "error", "Stream deleted"]]


def replaced(at: int, answer: Json, late: tuple[Json, ...] = ()) -> Reply:
    return Reply((*EXPECTED[:at], answer, *EXPECTED[at + 1 :]), late)


def test_what_is_expected_is_no_difference() -> None:
    assert EXPECTED[6] == [None, DELETED]
    assert first_difference(EXPECTED, Reply(EXPECTED), exact=True) is None


@pytest.mark.parametrize(
    ("reply", "at", "kind"),
    [
        (replaced(1, [True, []]), 1, Kind.RETURNED),
        (replaced(2, [{"threw": "no"}, []]), 2, Kind.THREW),
        (replaced(7, [{"queue": []}, []]), 7, Kind.VIEW),
        (replaced(4, [True, []]), 4, Kind.MISSING),
        (replaced(4, [True, []], ([2, "value", "AQ=="],)), 4, Kind.LATE),
        (replaced(4, [True, [[2, "value", "Ag=="]]]), 4, Kind.OUTCOME),
        (replaced(4, [True, [[2, "value", "AQ=="], [1, "done"]]]), 4, Kind.EXTRA),
        (replaced(4, [True, [[2, "value", "AQ=="]] * 2]), 4, Kind.EXTRA),
        (replaced(6, [None, DELETED[::-1]]), 6, Kind.ORDER),
        (Reply(EXPECTED, ([9, "done"],)), 7, Kind.LATE),
        (Reply(failed="out of order"), 7, Kind.FAILED),
    ],
)
def test_the_first_difference_has_a_place_and_a_kind(reply: Reply, at: int, kind: Kind) -> None:
    difference = first_difference(EXPECTED, reply, exact=True)
    assert difference is not None
    assert (difference.at, difference.kind) == (at, kind)


def test_a_push_is_late_only_if_no_op_let_it_in() -> None:
    accepted: Json = ["push", 1, "accepted"]
    expected: list[Json] = [[None, [accepted]], [None, []]]
    for reply, kind in (
        (Reply(([None, []], [None, [accepted]])), Kind.MISSING),
        (Reply(([None, []], [None, []]), (accepted,)), Kind.LATE),
    ):
        difference = first_difference(expected, reply, exact=True)
        assert difference is not None
        assert (difference.at, difference.kind) == (0, kind)


def test_best_effort_may_be_late_but_never_early_or_other() -> None:
    value: Json = [2, "value", "AQ=="]
    late = replaced(4, [True, []], (value,))
    assert first_difference(EXPECTED, late, exact=False) is not None  # after those of clear
    a_little_late = Reply((*EXPECTED[:4], [True, []], [None, [value]], *EXPECTED[6:]))
    assert first_difference(EXPECTED, a_little_late, exact=False) is None
    assert first_difference(EXPECTED, a_little_late, exact=True) is not None
    at_the_end = Reply((*EXPECTED[:6], [None, []], EXPECTED[7]), tuple(DELETED))
    assert first_difference(EXPECTED, at_the_end, exact=False) is None
    early = Reply((*EXPECTED[:3], [None, [value]], [True, []], *EXPECTED[5:]))
    assert first_difference(EXPECTED, early, exact=False) is not None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[2J\x1b]0;title\x07red\x1b[31m", "red"),
        ("a\nb\u202ec\x00", "a�b�c�"),
        ("x" * 500, "x" * 119 + "…"),
    ],
)
def test_what_an_implementation_says_is_cleaned_and_cut(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_what_was_observed_is_kept_as_far_as_somebody_may_want_to_read_it() -> None:
    much: list[Json] = [[1, "value", "A" * 10**6]]
    found = first_difference(EXPECTED, replaced(4, [True, much * 10**5]), exact=True)
    assert found is not None
    kept = abridged(found, longest=100)
    assert len(compact(kept.observed)) < 10**7
    assert (kept.at, kept.kind, kept.expected) == (found.at, found.kind, found.expected)
    longer = abridged(found, longest=10**6).observed
    is_cut = longer == [True, [*much * 2_000, "…"]]
    assert is_cut  # of what is so large pytest would make a difference too large for any memory
    deep: Json = "deep"
    for _ in range(50):
        deep = [deep]
    assert "deep" not in compact(abridged(replace(found, observed=deep), 9).observed)


def test_what_is_as_long_as_in_the_program_is_kept() -> None:
    observed: Json = [True, [[2, "value", "B" * 9_000]]]
    found = first_difference(EXPECTED, replaced(4, observed), exact=True)
    assert found is not None
    assert abridged(found, longest=9_000) == found
