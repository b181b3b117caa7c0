"""`streamstate explain`: a program step by step, dialects side by side, a rule."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from streamstate.model import NAMED, OF_MEMORY, Rule
from tests.cli.commands import run

PROGRAM: Final = '[["create"],["pull",1],["close",1]]'
HANDED: Final = '[["create"],["push",1,"YQ=="],["pull",1],["cancel_pull",1]]'
TOGETHER: Final = '[["create"],["push",1,"YQ=="],["together",["pull",1],["cancel_pull",1]]]'
ERRORED: Final = '[["create"],["push",1,"YQ=="],["error",1,"boom"],["pull",1]]'


EXPLAINED = """\
1. create()
   returns 1
   CREATE_1: create MUST return the next number in 1, 2, 3 …, never one that was used
   before, and make an open, empty stream of that number.
   stream 1: open, nothing queued
2. pull(1) as pull 1
   the pull waits
   PULL_3: pull on an open stream with nothing queued, on which nothing waits, MUST
   wait, from the moment of the call.
   stream 1: open, waited on by pull 1
3. close(1)
   pull 1 is done
   CLOSE_2: close on a stream on which pulls wait MUST close it, and every waiting pull
   MUST be done, oldest first.
   stream 1: closed, nothing queued
"""


def test_explain_goes_step_by_step(tmp_path: Path) -> None:
    file = tmp_path / "program.json"
    file.write_text(PROGRAM)
    assert run("explain", PROGRAM).output == EXPLAINED
    assert run("explain", str(file)).output == EXPLAINED
    assert run("explain", "-", stdin=PROGRAM).output == EXPLAINED


def test_explain_of_cancels_shows_who_has_not_looked() -> None:
    program = '[["create"],["pull",1],["push",1,"AQ=="],["cancel_pull",1],["pull",1],["seen",2]]'
    output = run("explain", program).output
    assert "pull 1 was handed 1 byte 01 and nobody has looked yet" in output
    assert "CANCEL_PULL_4" in output
    assert "SEEN_1" in output


def rules_of_step(output: str, number: int) -> list[str]:
    """The ids that an explanation names at that step, in order."""
    _, _, step = output.partition(f"\n{number}. ")
    step, _, _ = step.partition(f"\n{number + 1}. ")
    starts = (line.strip().partition(": ") for line in step.splitlines())
    return [name for name, colon, _ in starts if colon and name in Rule.__members__]


def test_what_is_done_together_is_one_step_with_the_rules_of_all() -> None:
    output = run("explain", TOGETHER).output
    assert "3. pull(1) as pull 1 & cancel_pull(1)" in output
    assert rules_of_step(output, 3) == ["PULL_2", "CANCEL_PULL_4"]


@pytest.mark.parametrize(
    ("program", "looks", "rule"),
    [
        (HANDED, None, "CANCEL_PULL_4"),
        (HANDED, "when-told", "CANCEL_PULL_4"),
        (HANDED, "at-once", "CANCEL_PULL_9"),
        (TOGETHER, "when-told", "CANCEL_PULL_4"),
    ],
)
def test_awaiters_look_when_they_are_told_to(program: str, looks: str | None, rule: str) -> None:
    options = () if looks is None else ("--looks", looks)
    assert rules_of_step(run("explain", *options, program).output, 4) == [rule]


def test_limits_are_those_that_are_given() -> None:
    program = '[["create"],["push",1,"YQ=="],["is_queue_full",1]]'
    assert rules_of_step(run("explain", program).output, 3) == ["IS_QUEUE_FULL_3"]
    done = run("explain", "--limits", "65536,1", program)
    assert rules_of_step(done.output, 3) == ["IS_QUEUE_FULL_2"]


def test_dialects_stand_side_by_side_where_they_part() -> None:
    output = run("explain", "--dialect", "all", ERRORED).output
    assert rules_of_step(output, 2) == ["PUSH_5"]
    assert rules_of_step(output, 3) == ["ERROR_4", "ERROR_5", "ERROR_6"]
    assert output.count("In reference, plan-01:") == 2
    assert output.count("In whatwg:") == 2
    alone = [run("explain", "--dialect", name, ERRORED).output for name in NAMED]
    each = [rules_of_step(text, 4) for text in alone]
    assert rules_of_step(output, 4) == [rule for [rule] in dict.fromkeys(map(tuple, each))]


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.name)
def test_a_rule_is_told_with_its_intent_its_places_and_an_example(rule: Rule) -> None:
    done = run("explain", rule.name)
    assert done.exit_code == 0
    assert done.output.startswith(f"{rule.name}\n")
    sentence, intent, places, example = done.output.split("\n\n", 3)
    assert " ".join(sentence.split()) == f"{rule.name} {rule.value}"
    assert intent.startswith("  Intent\n")
    shown = "It is about the memory" if rule in OF_MEMORY else rule.name
    assert shown in places or "what delete does to each stream" in places
    assert example.startswith("  Example in ")
    assert run("explain", rule.name.lower()).output == done.output


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("PULL_99", "there is no rule 'PULL_99'; PULL has PULL_1 to PULL_15"),
        ("PUSHED_1", "there is no rule 'PUSHED_1'; `streamstate table` has all ids"),
    ],
)
def test_an_id_that_no_rule_has_is_wrong_usage(asked: str, said: str) -> None:
    done = run("explain", asked)
    assert done.exit_code == 2
    assert said in done.output
