"""The answers to the corner questions are the model's, and go by the rules that they name."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from streamstate.model import Dialect, Rule
from tests.test_semantics import PLACE, parse_example, parse_limits, run

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "corner-questions.md"
_HEADS = [*re.finditer(r"^## \d+\. (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)]
QUESTIONS = {
    head[1]: head.string[head.end() : after.start() if after else None]
    for head, after in pairwise([*_HEADS, None])
    if head is not None
}
PROGRAM = re.compile(r"^In (`.+?`.*?):\n\n```text\n(.+?)\n```", re.MULTILINE | re.DOTALL)


def rules_taken(answer: str) -> set[str]:
    """The rules that the programs under a question take, answered as they are there."""
    taken: set[str] = set()
    for place, text in PROGRAM.findall(answer):
        where = PLACE.match(place)
        assert where is not None
        dialect = Dialect.parse(where["dialect"])
        steps = run(dialect, parse_limits(where), parse_example(text))
        taken |= {step.rule.name for step in steps}
    return taken


def test_the_page_begins_with_a_link_to_each_question() -> None:
    listed = re.findall(r"^(\d+)\. \[(.+?)\]\(#\1-", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [(str(number), question) for number, question in enumerate(QUESTIONS, 1)]


def test_there_are_sixteen_and_each_block_is_a_program() -> None:
    assert len(QUESTIONS) == 16
    for answer in QUESTIONS.values():
        assert 1 <= len(PROGRAM.findall(answer)) == answer.count("```text")


@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_is_what_happens_by_the_rules_that_it_names(question: str) -> None:
    answer = QUESTIONS[question]
    named = set(re.findall(r"\[([A-Z_]+_\d+)\]\(", answer))
    assert named
    assert named <= set(Rule.__members__)
    assert named <= rules_taken(answer)


def test_a_wrong_answer_is_noticed() -> None:
    right = next(iter(QUESTIONS.values()))
    with pytest.raises(AssertionError):
        rules_taken(right.replace('[[2,"done"]]', "[]"))
