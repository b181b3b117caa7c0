"""Exchanges with an adapter, and vectors."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from streamstate import Dialect, __version__
from streamstate.model import REFERENCE
from streamstate.oracle.adapters.reference import ReferenceAdapter
from streamstate.oracle.recordings import Outcome
from tests.oracle.recorded import checked

VECTORS = Path(__file__).parents[2] / "spec" / "vectors"

PROGRAMS = (
    '[["create"],["pull",1],["pull",1],["push",1,"AQID"],["delete",1]]',
    '[["create"],["push",1,"AQ=="],["get",1],["pull",1],["error",1,"x"],["pull",1]]',
    '[["create"],["is_queue_full",1],["push",1,"AQ=="],["is_queue_full",1]]',
)


def exchange() -> list[str]:
    """Requests and answers of the reference adapter, line by line, as they went over the wire."""
    tight = ',"limits":{"high_water_mark":1,"max_queue_chunks":1}'
    asked = ['{"cmd":"start","protocol":1}']
    for seq, program in enumerate(PROGRAMS):
        asked.append(f'{{"cmd":"run","seq":{seq},"program":{program}{tight * (seq == 2)}}}')
    asked.append('{"cmd":"stop"}')
    answers = BytesIO()
    ReferenceAdapter(REFERENCE, __version__).serve(BytesIO("\n".join(asked).encode()), answers)
    hello, *rest = answers.getvalue().decode().splitlines()
    return [asked[0], hello, *asked[1:3], rest[0], asked[3], *rest[1:], asked[-1]]


def test_exchange_with_the_reference_adapter_conforms() -> None:
    said = checked("\n".join(exchange()))
    assert (said.outcome, said.programs, said.ops, said.remarks) == (Outcome.CONFORMS, 3, 15, ())


def test_exchange_in_which_one_answer_is_wrong() -> None:
    text = "\n".join(exchange())
    assert text.count("Pull superseded") == 1
    said = checked(text.replace("Pull superseded", "Pull refused"))
    assert said.deviation is not None
    assert (said.deviation.line, said.deviation.at) == (5, 2)
    assert said.deviation.rule.name == "PULL_10"
    assert said.deviation.program == json.loads(PROGRAMS[0])[:3]
    assert said.deviation.called == "pull(1) as pull 2"


def test_exchange_whose_end_is_missing() -> None:
    said = checked("\n".join(exchange()[:7]))
    assert (said.outcome, said.programs) == (Outcome.CONFORMS, 2)
    assert said.remarks == ("not answered: 1 program",)


def late(settle: str) -> str:
    return (
        '{"cmd":"start","protocol":1}\n{"protocol":1,"implementation":{},"capabilities":[],'
        f'"settle":"{settle}"}}\n'
        '{"cmd":"run","seq":0,"program":[["create"],["pull",1],["close",1]]}\n'
        '{"seq":0,"trace":[[1,[]],[null,[]],[null,[]]],"late":[[1,"done"]]}\n'
    )


def test_late_settlement_is_a_deviation_where_the_adapter_is_exact() -> None:
    assert checked(late("exact")).outcome is Outcome.DEVIATES
    assert checked(late("best-effort")).outcome is Outcome.CONFORMS


def test_ops_together_and_filled_chunks() -> None:
    ask = '{"cmd":"run","seq":0,"program":PROGRAM}\n'
    say = '{"seq":0,"trace":[[1,[]],[[null,true,null],[]],[null,[[2,"value",CHUNK]]]],"late":[]}\n'
    program = '[["create"],["together",["pull",1],["push",1,CHUNK],["cancel_pull",1]],["pull",1]]'
    text = (ask.replace("PROGRAM", program) + say).replace("CHUNK", '{"fill":7,"size":3}')
    assert checked(text).outcome is Outcome.CONFORMS
    said = checked(text[::-1].replace("3"[::-1], "4", 1)[::-1])
    assert said.deviation is not None
    assert said.deviation.at == 2


CREATED_ALONE = '{"program":[["together",["create"]]],"trace":[ANSWER]}'


def test_one_op_together_is_answered_as_several_are() -> None:
    assert checked(CREATED_ALONE.replace("ANSWER", "[[1],[]]")).outcome is Outcome.CONFORMS
    said = checked(CREATED_ALONE.replace("ANSWER", "[1,[]]"))
    assert said.deviation is not None
    assert (said.deviation.expected, said.deviation.observed) == ([[1], []], [1, []])


def test_a_pull_given_up_together_settles_for_nobody_however_it_did() -> None:
    program = '[["create"],["together",["pull",1],["close",1],["cancel_pull",1]]]'
    line = f'{{"program":{program},"trace":[[1,[]],[[null,null,null],SETTLED]]}}'
    assert checked(line.replace("SETTLED", "[]")).outcome is Outcome.CONFORMS
    said = checked(line.replace("SETTLED", '[[1,"done"]]'))
    assert said.deviation is not None
    assert said.deviation.called == "pull(1) as pull 1 & close(1) & cancel_pull(1)"
    assert said.deviation.rule.name.startswith("CANCEL_PULL_")


def test_after_ops_together_everybody_has_looked() -> None:
    """A pull that was handed its chunk and then looked gives nothing back when it is cancelled."""
    program = '[["create"],["together",["pull",1],["push",1,"AQ=="]],["together",["cancel_pull",1]]'
    trace = '[[1,[]],[[null,true],[[1,"value","AQ=="]]],[[null],[]]'
    text = f'{{"program":{program},["pull",1]],"trace":{trace},ANSWER]}}'
    assert checked(text.replace("ANSWER", "[null,[]]")).outcome is Outcome.CONFORMS
    assert (
        checked(text.replace("ANSWER", '[null,[[2,"value","AQ=="]]]')).outcome is Outcome.DEVIATES
    )


@pytest.mark.parametrize("turn", ['["together"]', '["together",["seen",1]]'])
def test_together_that_is_none_is_no_program(turn: str) -> None:
    said = checked(f'{{"program":[{turn}],"trace":[[[],[]]]}}')
    assert said.outcome is Outcome.NOTHING
    assert said.flaw is not None
    assert said.flaw.message.startswith("program[0] is ")


def test_failed_adapter_deviates() -> None:
    said = checked('{"cmd":"run","seq":3,"program":[["create"]]}\n{"seq":3,"failed":"oh"}\n')
    assert said.deviation is not None
    assert said.deviation.got == "the adapter failed: 'oh'"


@pytest.mark.parametrize("more", ['"failed":null', '"failed":"oh"', '"note":"hi"', '"seq":0'])
def test_an_answer_with_more_than_an_answer_has_is_refused(more: str) -> None:
    asked = '{"cmd":"run","seq":0,"program":[["create"]]}\n'
    said = checked(f'{asked}{{"seq":0,"trace":[[1,[]]],"late":[],{more}}}\n')
    assert said.outcome is Outcome.BROKEN


def test_vectors_conform_and_each_answer_matters() -> None:
    random = Random(1)
    total = 0
    for file in sorted(VECTORS.glob("*.jsonl")):
        text = file.read_text().splitlines()
        said = checked("\n".join(text))
        assert said.outcome is Outcome.CONFORMS, said
        total += said.programs
        at = random.randrange(len(text))
        vector = json.loads(text[at])
        vector["trace"][random.randrange(len(vector["trace"]))][1].append([99, "done"])
        wrong = checked("\n".join([*text[:at], json.dumps(vector), *text[at + 1 :]]))
        assert wrong.deviation is not None
        assert wrong.deviation.line == at + 1
    assert total == json.loads((VECTORS / "manifest.json").read_text())["vectors"]


def test_vectors_of_other_dialects_are_passed_over() -> None:
    said = checked((VECTORS / "PULL_10.jsonl").read_bytes(), Dialect.parse("plan-01"))
    assert (said.outcome, said.programs) == (Outcome.CONFORMS, 0)
    assert said.remarks == ("not for that dialect: 7 programs",)
