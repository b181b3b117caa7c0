"""The normative page and the model say the same: rules, sentences, examples, hazards."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from streamstate.model import (
    NAMED,
    OF_MEMORY,
    POLICIES,
    Dialect,
    Event,
    Limits,
    Op,
    Rule,
    Step,
    advance,
    initial,
)
from streamstate.model.hazards import HAZARDS, Hazard
from streamstate.model.transition import TABLE
from streamstate.oracle.programs.rulesets import op_of
from streamstate.semantics import page, passages, sections
from streamstate.wire import compact, encode_effects, encode_op, parse_op, read_json

RULE_ID = re.compile(r"[A-Z_]+_[0-9]+")
HAZARD_BODY = re.compile(
    r"\n\nWhere `(?P<field>\w+)` is `(?P<value>\w+(?:` or `\w+)*)`(?P<full>, full at .+?)?\."
    r"\n\n(?P<sentence>.+?)"
    r"\n\n```text\n(?P<example>.+?)\n```",
    re.DOTALL,
)
PLACE = re.compile(
    r"`(?P<dialect>[^`]+)`(, full at (?P<bytes>\d+) bytes or (?P<chunks>\d+) chunks?)?"
)


@dataclass(frozen=True)
class Example:
    """The lines of one example; `shown` of them lead to the op that it is about."""

    lines: tuple[tuple[Op, str], ...]
    shown: int


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def parse_example(text: str) -> Example:
    before, _, after = text.partition("\n\n")
    lines = [line.partition(" → ") for line in (before + "\n" + after).strip().splitlines()]
    ops = tuple((parse_op(read_json(op)), answer) for op, _, answer in lines)
    return Example(ops, shown=len(before.splitlines()))


def parse_limits(match: re.Match[str]) -> Limits:
    return Limits(int(match["bytes"]), int(match["chunks"])) if match["bytes"] else Limits()


def run(dialect: Dialect, limits: Limits, example: Example) -> list[Step]:
    """The steps of an example, each answered as the page says. Nothing is seen by itself."""
    steps: list[Step] = []
    state = initial(dialect, limits)
    for op, answer in example.lines:
        step = advance(state, op)
        assert compact(encode_effects(step.effects)) == answer, (op, answer)
        steps.append(step)
        state = step.state
    return steps


SECTIONS = sections()


def test_rules_are_those_of_the_code_in_order() -> None:
    assert list(passages()) == list(Rule)


def test_rules_stand_under_their_op() -> None:
    under = ""
    for title in SECTIONS:
        if RULE_ID.fullmatch(title):
            assert title.rpartition("_")[0] == under.upper()
        else:
            under = title


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.name)
def test_sentence_is_word_for_word_that_of_the_code(rule: Rule) -> None:
    assert passages()[rule].sentence == rule.value
    assert "MUST" in rule.value


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.name)
def test_intent_is_said_in_a_few_sentences(rule: Rule) -> None:
    intent = passages()[rule].intent
    assert 1 <= len(re.findall(r"[.:?!](?: |$)", intent)) <= 5
    assert "MUST" not in intent, "only the sentence binds"


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.name)
def test_example_runs_as_written_and_shows_its_rule(rule: Rule) -> None:
    place = PLACE.fullmatch(passages()[rule].place)
    assert place is not None
    example = parse_example(passages()[rule].example)
    dialect = Dialect.parse(place["dialect"])
    assert str(dialect) == place["dialect"]
    steps = run(dialect, parse_limits(place), example)
    taken = steps[example.shown - 1].rule
    if rule in OF_MEMORY:  # no op takes it by itself, and it is about each of that op
        assert op_of(taken) == op_of(rule)
    else:
        assert taken is rule


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.name)
def test_hazard_is_told_as_in_the_code(hazard: Hazard) -> None:
    match = HAZARD_BODY.match(SECTIONS[hazard.name])
    assert match is not None
    assert (match["field"], match["value"].split("` or `")) == (
        hazard.field,
        [hazard.value, *hazard.also],
    )
    assert unwrapped(match["sentence"]) == hazard.sentence
    example = parse_example(match["example"])
    assert [op for op, _ in example.lines] == list(hazard.program)
    place = PLACE.fullmatch(f"`reference+{hazard.field}={hazard.value}`{match['full'] or ''}")
    assert place is not None
    assert parse_limits(place) == hazard.limits
    run(Dialect.parse(place["dialect"]), hazard.limits, example)


def test_every_hazard_has_its_section() -> None:
    titles = list(SECTIONS)
    assert titles[titles.index("Hazards") + 1 :][: len(HAZARDS)] == [h.name for h in HAZARDS]


def test_every_policy_value_stands_in_the_table_with_the_rules_that_ask_for_it() -> None:
    rows = re.findall(
        r"^\| (?:`(\w+)`)? ?\| `(\w+)` \| .+? \| (.+?) \|$", SECTIONS["Dialects"], re.MULTILINE
    )
    field = ""
    table: dict[str, tuple[str, ...]] = {}
    for named, value, rules in rows:
        field = named or field
        table[field] = (*table.get(field, ()), value)
        assert [Rule[rule] for rule in rules.split(", ")] == rules_that_ask(field, value)
    assert table == dict(POLICIES)


def rules_that_ask(field: str, value: str) -> list[Rule]:
    """The rules with a row for that value of a policy."""
    rows = (one for event in Event for one in TABLE[event])
    asking = (one.rule for one in rows if value in one.when.limited().get(field, ()))
    return list(dict.fromkeys(asking))


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.name)
def test_sentence_names_the_values_for_which_the_table_has_the_rule(rule: Rule) -> None:
    said = {
        (field, value)
        for field, values in re.findall(r"\b(\w+) is (\w+(?: or \w+)*)", rule.value)
        for value in values.split(" or ")
        if field in POLICIES
    }
    asked = {
        (field, value)
        for field, values in POLICIES.items()
        for value in values
        if rule in rules_that_ask(field, value)
    }
    assert said == asked


def test_every_named_dialect_is_told() -> None:
    assert re.findall(r"^- `([\w-]+)`:", SECTIONS["Dialects"], re.MULTILINE) != []
    assert set(re.findall(r"^- `([\w-]+)`:", SECTIONS["Dialects"], re.MULTILINE)) == set(NAMED)


def test_ids_in_the_prose_exist() -> None:
    text = page().read_text(encoding="utf-8")
    for name in re.findall(r"\b(?:[A-Z]+_)+[0-9]+\b", text):
        assert name in Rule.__members__, name


def test_programs_are_written_canonically() -> None:
    for block in re.findall(r"```text\n(.+?)\n```", page().read_text(encoding="utf-8"), re.DOTALL):
        for line in filter(None, block.splitlines()):
            op = line.partition(" → ")[0].rstrip()
            assert compact(encode_op(parse_op(read_json(op)))) == op
