"""How the oracle reads pulls given up: what it expects, and which rule it names."""

from __future__ import annotations

import pytest

from streamstate.model import NAMED, REFERENCE, CancelPull, Close, Create, Pull, Rule
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rulesets import rules_in
from streamstate.wire import Json, Together, Turn, WireError, encode_op, parse_turn, trace
from streamstate.wire.in_words import ops_in_words
from tests.oracle.test_cancelling import A, programs


@pytest.mark.parametrize("name", ["reference", "whatwg"])
def test_a_machine_expects_what_the_model_answers(name: str) -> None:
    machine = CachedModel(NAMED[name])
    for program in programs(NAMED[name], "cancel")[::23]:
        answers = trace((each.op for each in program), NAMED[name])
        assert machine.expect(program).text == f"[{','.join(each.text for each in answers)}]"


@pytest.mark.parametrize(
    ("program", "answered"),
    [
        ((Pull(1), Together((A, CancelPull(1)))), [[True, None], []]),
        ((Together((Pull(1), A)),), [[None, True], [[1, "value", "YQ=="]]]),
        ((Pull(1), Together((Close(1), CancelPull(1)))), [[None, None], []]),
        ((Together((CancelPull(1), Pull(1), A)),), [[None, None, True], [[1, "value", "YQ=="]]]),
        ((Together((CancelPull(9),)),), [[None], []]),
        ((Pull(1), CancelPull(1)), [None, []]),
        ((A, Together((Pull(1), CancelPull(1), Pull(1)))), [[None] * 3, [[2, "value", "YQ=="]]]),
    ],
    ids=lambda value: " ; ".join(ops_in_words(value)) if isinstance(value, tuple) else None,
)
def test_what_is_cancelled_in_time_is_not_told(program: tuple[Turn, ...], answered: object) -> None:
    assert trace((Create(), *program))[-1].json == answered


def test_the_rule_named_is_that_of_the_cancel_that_did_something() -> None:
    asked = program_of((Create(), Pull(1), Together((A, CancelPull(1), CancelPull(9), Pull(1)))))
    link = CachedModel(REFERENCE).expect(asked).links[-1]
    assert link.rule is Rule.CANCEL_PULL_4
    assert {rule.name for rule in rules_in(link.bit)} == {
        "PUSH_4",
        "PULL_2",
        "CANCEL_PULL_4",
        "CANCEL_PULL_9",
    }


def test_a_together_is_read_as_it_is_written() -> None:
    turn = Together((Pull(1), A, CancelPull(1)))
    assert parse_turn(encode_op(turn)) == turn
    wrongs: tuple[Json, ...] = (
        ["together"],
        ["together", ["seen", 1]],
        ["together", ["together", ["clear"]]],
    )
    for wrong in wrongs:
        with pytest.raises(WireError, match="op"):
            parse_turn(wrong)
