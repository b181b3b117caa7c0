"""A supposed mistake: when it is made, what it answers, whether that was answered, and how an
explanation is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamstate.model import Close, Create, Delete, Error, Op, Pull, Push, Rule
from streamstate.oracle.diagnosis.hypotheses.application import (
    LOST,
    SOME_ERROR,
    SOME_NUMBER,
    SOMETHING,
)
from streamstate.oracle.diagnosis.hypotheses.evidence import Run
from streamstate.oracle.diagnosis.hypotheses.fitting import Score
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS, Guard
from streamstate.oracle.diagnosis.hypotheses.guesses import is_as_supposed
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Departure, Hypothesis
from streamstate.oracle.diagnosis.hypotheses.search import Explanation
from streamstate.oracle.diagnosis.hypotheses.uniform import is_uniform
from streamstate.oracle.diagnosis.hypotheses.wording import rival_of, why
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.verdict.deviation import Difference, Kind
from streamstate.wire import Json, encode_bytes
from tests.oracle.planted import change_that, machine

FILLED = (Create(), Push(1, b"a"), Push(1, b"b"))


def mutant(says: str, *rules: Rule, guard: Guard = ALWAYS) -> Hypothesis:
    return Hypothesis(frozenset(rules), change_that(says), guard)


def departure(
    hypothesis: Hypothesis, *ops: Op, until: int | None = None
) -> tuple[int, Json] | None:
    program = program_of(ops)
    return hypothesis.departure(machine(), program, machine().expect(program), until)


class TestDeparture:
    def test_nothing_is_wrong_where_the_rule_is_not_taken(self) -> None:
        forgets = mutant("does nothing", Rule.CLOSE_2)
        assert departure(forgets, Create(), Close(1), Pull(1), Delete(1)) is None

    def test_a_mistake_shows_where_an_answer_first_differs(self) -> None:
        forgets = mutant("does nothing", Rule.CLOSE_3)
        assert departure(forgets, Create(), Close(1)) is None
        assert departure(forgets, Create(), Close(1), Close(1), Push(1, b"")) == (3, [True, []])

    def test_what_has_no_consequence_any_more_is_forgotten(self) -> None:
        newest = mutant("puts the pushed chunk first in the queue", Rule.PUSH_5)
        gone = Delete(1), Create()
        assert departure(newest, *FILLED, *gone, Push(2, b"a"), Pull(2)) is None
        assert departure(newest, *FILLED, Pull(1)) == (3, [None, [[1, "value", "Yg=="]]])

    def test_ops_after_the_last_one_asked_about_are_left_out(self) -> None:
        newest = mutant("puts the pushed chunk first in the queue", Rule.PUSH_5)
        assert departure(newest, *FILLED, Pull(1), until=3) is None
        assert departure(newest, *FILLED, Pull(1), until=4) is not None

    def test_a_guard_leaves_all_other_occasions_alone(self) -> None:
        empty = Guard("the chunk is empty", lambda each: each.op == Push(1, b""))
        loses = mutant("loses the newest chunk queued", Rule.PUSH_5, guard=empty)
        pulls = (Pull(1), Pull(1))
        assert departure(loses, *FILLED, *pulls) is None
        assert departure(loses, Create(), Push(1, b"a"), Push(1, b""), *pulls) == (4, [None, []])

    def test_several_rules_make_one_mistake(self) -> None:
        both = mutant("loses the error value", Rule.ERROR_2, Rule.ERROR_3)
        waiting = (Create(), Pull(1), Error(1, "e"))
        assert departure(both, *waiting) == (2, [None, [[1, "error", LOST]]])
        assert departure(both, Create(), Error(1, "e"), Pull(1)) == (
            2,
            [None, [[1, "error", LOST]]],
        )

    def test_without_a_change_the_answer_of_the_rule_is_any_wrong_one(self) -> None:
        wrong = Hypothesis(frozenset({Rule.PULL_5}), None)
        assert departure(wrong, Create(), Close(1), Pull(1)) == Departure(2, None)
        assert departure(wrong, Create(), Pull(1), Close(1)) is None
        never = replace(wrong, guard=Guard("never", lambda _occasion: False))
        assert departure(never, Create(), Close(1), Pull(1)) is None

    def test_a_pull_of_nobody_is_not_seen_to_settle(self) -> None:
        waits_on = mutant("keeps a settled pull waiting", Rule.PUSH_4)
        ops = (Create(), Pull(1), Push(1, b"a"))
        assert departure(waits_on, *ops) is None
        assert departure(waits_on, *ops, Push(1, b"b"), Pull(1)) == (4, [None, []])

    def test_occasions_begin_with_that_nearest_to_the_end(self) -> None:
        program = program_of((*FILLED, Pull(1), Pull(1)))
        pulled = Hypothesis(frozenset({Rule.PULL_2}), None)
        found = [each.before.next_pull for each in pulled.applications(machine(), program)]
        assert found == [2, 1]
        closed = Hypothesis(frozenset({Rule.PULL_5}), None)
        assert not list(closed.applications(machine(), program))


ANY_CHUNK = encode_bytes(SOMETHING)


@pytest.mark.parametrize(
    ("hypothesis", "observed", "fits"),
    [
        (None, {"threw": "whatever"}, True),
        ([True, []], [True, []], True),
        ([True, []], [1, []], False),
        ([True, []], [True, [[1, "done"]]], False),
        ([None, [[1, "value", ANY_CHUNK]]], [None, [[1, "value", "Zm9v"]]], True),
        ([None, [[1, "value", ANY_CHUNK]]], [None, [[1, "value", 7]]], False),
        ([None, [[1, "value", ANY_CHUNK]]], [None, [[2, "value", "Zm9v"]]], False),
        ([None, [[1, "error", SOME_ERROR]]], [None, [[1, "error", "another"]]], True),
        ([None, [[1, "error", SOME_ERROR]]], [None, [[1, "done"]]], False),
        ([None, [[1, "error", LOST]]], [None, [[1, "error", "undefined"]]], True),
        ([None, [[1, "error", LOST]]], [None, [[1, "error", None]]], True),
        ([None, [[1, "error", LOST]]], [None, [[1, "error", "another"]]], False),
        ([SOME_NUMBER, []], [12, []], True),
        ([SOME_NUMBER, []], [True, []], False),
        ([{"closed": True, "error": None}, []], [{"closed": True}, []], True),
        ([{"closed": True, "error": None}, []], [{"closed": False}, []], False),
        ([{"queue": [ANY_CHUNK, "YQ=="]}, []], [{"queue": ["Zm9v", "YQ=="]}, []], True),
        ([{"queue": [ANY_CHUNK, "YQ=="]}, []], [{"queue": ["Zm9v", "Yg=="]}, []], False),
        ([{"queue": []}, []], [None, []], False),
    ],
)
def test_what_was_answered_fits_what_is_supposed_but_for_what_nobody_can_know(
    hypothesis: Json, observed: Json, fits: bool
) -> None:
    assert is_as_supposed(hypothesis, observed) is fits


def differing(expected: Json, observed: Json) -> Difference:
    return Difference(0, Kind.OUTCOME, "", expected, observed)


@pytest.mark.parametrize(
    ("uniform", "pairs"),
    [
        (True, [([True, []], [False, []]), ([True, []], [False, [[1, "done"]]])]),
        (False, [([True, []], [False, []]), ([True, []], [None, []])]),
        (True, [([None, [[n, "done"]]], [None, []]) for n in (1, 2)]),
        (True, [([None, [[n, "done"]]], [None, [[n, "value", "YQ=="]]]) for n in (1, 2)]),
        (False, [([None, [[1, "done"]]], [None, []]), ([None, [[1, "error", "e"]]], [None, []])]),
        (False, [([None, [[1, "value", "YQ=="]]], [None, [[1, "value", "Yg=="]]])] * 2),
        (False, [([None, [[1, "error", "e"]]], [None, [[1, "error", "f"]]])] * 2),
        (True, [([None, [[1, "done"], [2, "done"]]], [None, [[2, "done"], [1, "done"]]])]),
        (True, [([None, [[1, "error", e]]], [{"threw": e}, []]) for e in ("e1", "e2")]),
        (False, [([None, [[1, "error", e]]], [{"threw": e * 2}, []]) for e in ("e1", "e2")]),
        (False, [([None, []], "no answer")]),
        (False, []),
    ],
)
def test_answers_are_wrong_in_one_way_or_in_several(
    uniform: bool, pairs: list[tuple[Json, Json]]
) -> None:
    assert is_uniform(differing(*pair) for pair in pairs) is uniform


def explained(
    hypothesis: Hypothesis, programs: int = 10, left: int = 0, *, uniform: bool = True
) -> Explanation:
    """An explanation of that many programs, so many others being left open."""
    words = [program_of((Close(each + 1),)) for each in range(programs)]
    run = Run(words[0], machine().expect(words[0]), differing([None, []], [True, []]))
    rule = min(hypothesis.rules, key=lambda each: each.name)
    return Explanation(rule, hypothesis, Score(frozenset(words), (run,) * left, uniform, left))


FULL_CHUNK = Guard("the chunk has 9 bytes", lambda _occasion: True)


@pytest.mark.parametrize(
    ("hypothesis", "sentence"),
    [
        (
            mutant("puts the pushed chunk first in the queue", Rule.PUSH_5),
            "Probably at PUSH_5 it puts the pushed chunk first in the queue"
            " (10 of 12 wrong answers fit).",
        ),
        (
            mutant("does nothing", Rule.ERROR_3, Rule.CLOSE_3, Rule.CLOSE_2, guard=FULL_CHUNK),
            "Probably at CLOSE_2, CLOSE_3 and ERROR_3 it does nothing where the chunk has 9 bytes"
            " (10 of 12 wrong answers fit).",
        ),
        (
            Hypothesis(frozenset({Rule.PULL_5}), None),
            "Probably at PULL_5 it always answers wrongly (10 of 12 wrong answers fit).",
        ),
        (
            Hypothesis(frozenset({Rule.PULL_5, Rule.PULL_6}), None),
            "Probably at PULL_5 and PULL_6 it always answers wrongly (10 of 12 wrong answers fit).",
        ),
        (
            Hypothesis(frozenset({Rule.PUSH_5}), None, FULL_CHUNK),
            "Probably at PUSH_5 it answers wrongly where the chunk has 9 bytes"
            " (10 of 12 wrong answers fit).",
        ),
    ],
)
def test_an_explanation_is_one_sentence(hypothesis: Hypothesis, sentence: str) -> None:
    assert why(explained(hypothesis, left=2), None) == sentence


class TestRival:
    best = explained(mutant("does nothing", Rule.CLOSE_2))
    other = explained(mutant("removes the stream", Rule.PULL_3), uniform=False)

    def test_one_that_explains_as_much_by_another_rule_is_said_too(self) -> None:
        assert rival_of([self.best, self.other]) is self.other
        assert why(self.best, self.other) == (
            "Probably at CLOSE_2 it does nothing, or at PULL_3 it removes the stream: from outside"
            " the two are the same (10 of 10 wrong answers fit)."
        )

    def test_none_is_one_of_a_rule_that_is_blamed_already(self) -> None:
        same = explained(mutant("removes the stream", Rule.CLOSE_2, Rule.CLOSE_3))
        assert rival_of([self.best, same]) is None

    def test_none_explains_less(self) -> None:
        less = explained(self.other.hypothesis, programs=9)
        assert rival_of([self.best, less]) is None

    def test_none_has_to_assume_more(self) -> None:
        guarded = replace(self.other.hypothesis, guard=FULL_CHUNK)
        assert rival_of([self.best, explained(guarded)]) is None
