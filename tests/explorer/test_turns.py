"""Turns are answered on the page as adapters answer, and told as on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

import pytest

from streamstate.cli.explanations import state_in_words
from streamstate.model import (
    Error,
    Op,
    Push,
    Seen,
    State,
)
from streamstate.wire import (
    Json,
    Together,
    Turn,
    answer,
    answer_together,
    encode_limits,
    encode_program,
)
from streamstate.wire.in_words import answer_in_words, op_in_words
from tests.explorer.browser import Browser
from tests.explorer.test_machine import cases

TURNS: Final = """((cases) => cases.map(({dialect, limits, program}) => {
  let state = machine.initial(reader.dialect(dialect), limits);
  return program.map((asked) => {
    const turn = machine.turn(state, asked, {looksAtOnce: true});
    state = turn.state;
    return [turn.steps.map(({rule}) => rule), answerOf(turn), stateInWords(state),
      answerInWords(answerOf(turn), asked)];
  });
}))(%s)"""


def grouped(program: Sequence[Op], random: Random) -> Iterator[Turn]:
    """The same ops, some of them done together, without those that are told of seeing."""
    ops = [op for op in program if not isinstance(op, Seen)]
    while ops:
        size = random.choice((1, 1, 2, 3))
        together, ops = tuple(ops[:size]), ops[size:]
        yield Together(together) if size > 1 else together[0]


def answered(state: State, turns: Sequence[Turn]) -> Iterator[Json]:
    """What each turn comes to where awaiters look at once."""
    for turn in turns:
        ops = turn.ops if isinstance(turn, Together) else (turn,)
        together, rules = answer_together(state, ops)
        said = together if isinstance(turn, Together) else answer(state, turn)
        state = said.state
        names: list[Json] = [rule.name for rule in rules]
        words = answer_in_words(said.json, turn)
        yield [names, said.json, list(state_in_words(state)), words]


@pytest.mark.needs_chromium
def test_where_awaiters_look_at_once_turns_are_answered_as_adapters_answer(page: Browser) -> None:
    random = Random(17)
    several = [(case.start, tuple(grouped(case.program, random))) for case in cases(120)]
    asked = [
        {
            "dialect": str(start.dialect),
            "limits": encode_limits(start.limits),
            "program": encode_program(turns),
        }
        for start, turns in several
    ]
    expected = [list(answered(start, turns)) for start, turns in several]
    assert page.ask(TURNS % json.dumps(asked)) == json.loads(json.dumps(expected))
    assert any(isinstance(turn, Together) for _, turns in several for turn in turns)


ODD: Final = ("", "it's", "a\nb", "\u2028", "x" * 119, "x" * 120, "x" * 121, "é😀" * 70, '"<&>')


@pytest.mark.needs_chromium
def test_odd_texts_and_chunks_of_any_size_are_said_as_on_the_command_line(page: Browser) -> None:
    ops: list[Op] = [Error(1, text) for text in ODD]
    ops += [Push(1, bytes(range(size))) for size in (0, 1, 2, 8, 9, 255)]
    ops += [Push(1, bytes(70_000)), Push(1, b"\xff" * 1_234)]
    said = page.ask(f"{json.dumps(encode_program(ops))}.map(opInWords)")
    assert said == [op_in_words(op) for op in ops]
