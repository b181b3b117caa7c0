"""What the plan has shown speaks against what is supposed, or leaves it unexplained."""

from __future__ import annotations

from streamstate.model import Close, Create, IsQueueFull, Pull, Push, Rule
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.past import Past
from streamstate.oracle.programs.program import program_of
from tests.oracle.planted import change_that, machine

EMPTIED = Hypothesis(frozenset({Rule.CLOSE_3}), change_that("empties the queue"))
AGAINST = (EMPTIED, lambda _program: False, Effort())
SHOWS = program_of((Create(), Push(1, b"a"), Close(1), Pull(1)))
HIDES = program_of((Create(), Close(1), Pull(1)))
ELSEWHERE = program_of((Create(), Push(1, b"a"), IsQueueFull(1), Pull(1)))


def test_a_program_that_was_answered_rightly_speaks_against_who_would_have_been_wrong() -> None:
    assert Past(machine(), [HIDES, SHOWS], []).speaks_against(*AGAINST)
    assert not Past(machine(), [HIDES, ELSEWHERE], [SHOWS]).speaks_against(*AGAINST)


def test_a_wrong_answer_that_is_not_that_of_the_supposed_registry_is_unexplained() -> None:
    assert Past(machine(), [], [SHOWS]).unexplained(EMPTIED, Effort()) == 0
    assert Past(machine(), [], [SHOWS, HIDES, ELSEWHERE]).unexplained(EMPTIED, Effort()) == 2


def test_long_programs_are_left_out() -> None:
    long = program_of((Create(), *(IsQueueFull(1),) * 60, *(symbol.op for symbol in SHOWS[1:])))
    assert not Past(machine(), [long], []).speaks_against(*AGAINST)
