"""The reports: JSON is in its schema, JUnit is XML that says the same, the screen says it in these
words; and whatever an implementation says stays text in all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree.ElementTree import fromstring

import pytest
from jsonschema import Draft202012Validator

from streamstate.model import HAZARDS, POLICIES, Dialect, Rule
from streamstate.oracle.adapters.implementation import Fault
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.html import as_html
from streamstate.oracle.reports.junit import as_junit
from streamstate.oracle.reports.view import legal
from streamstate.oracle.reports.wording import fits
from streamstate.oracle.verdict.comparing import shortened
from streamstate.oracle.verdict.deviation import Kind
from streamstate.oracle.verdict.tally import Mistake
from streamstate.wire import Json
from tests.oracle.reported import NASTY, screen, written
from tests.oracle.reported_known import KINDS, verdict_of

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "spec" / "report.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_schema_is_one_and_names_what_there_is() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    names = SCHEMA["$defs"]
    assert names["rule"]["enum"] == [rule.name for rule in Rule]
    assert names["kind"]["enum"] == [kind.name.lower() for kind in Kind]
    assert names["broken"]["properties"]["fault"]["enum"] == [f.name.lower() for f in Fault]
    policies = names["some_policies"]["properties"]
    assert {field: tuple(each["enum"]) for field, each in policies.items()} == dict(POLICIES)
    assert names["policies"]["required"] == list(POLICIES)
    hazards = names["nearest"]["properties"]["hazards"]["items"]["enum"]
    assert hazards == [hazard.name for hazard in HAZARDS]
    mistakes = SCHEMA["properties"]["adapter_mistakes"]["items"]["properties"]["mistake"]["enum"]
    assert mistakes == [mistake.name for mistake in Mistake]


def test_the_page_on_reports_has_every_key() -> None:
    page = (ROOT / "docs" / "reference" / "reports.md").read_text("utf-8")
    first_cells = re.findall(r"^\| (`.*?`) \|", page, re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(first_cells)) == list(SCHEMA["properties"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_in_the_schema(kind: str) -> None:
    found = written(verdict_of(kind))
    assert [error.message for error in VALIDATOR.iter_errors(found)] == []
    assert found["verdict"] == verdict_of(kind).outcome
    assert set(found) == set(SCHEMA["properties"])


Spoil: TypeAlias = Callable[[dict[str, Any]], object]


def first(found: dict[str, Any]) -> dict[str, Any]:
    deviation: dict[str, Any] = found["deviations"][0]
    return deviation


def excused(reason: str = "so be it") -> dict[str, Any]:
    found: dict[str, Any] = written(verdict_of("excused"))["excused"][0]
    return {**found, "reason": reason}


BROKEN: dict[str, Spoil] = {
    "a verdict of its own": lambda found: found.update(verdict="perhaps"),
    "no verdict": lambda found: found.pop("verdict"),
    "a key too many": lambda found: found.update(more=1),
    "a rule exercised no times": lambda found: found["rules"].update(PUSH_5=0),
    "a count for a rule that is none": lambda found: found["rules"].update(PUSH_0=1),
    "a cause that is no rule": lambda found: first(found).update(rule="CLOSE_0"),
    "no cause": lambda found: first(found).update(rule=None),
    "a deviation with a key too many": lambda found: first(found).update(more=1),
    "a deviation without its program": lambda found: first(found).pop("program"),
    "an op that is none": lambda found: first(found).update(program=[["peek", 1]]),
    "an op with more than it takes": lambda found: first(found).update(program=[["pull", 1, 2]]),
    "a push that is not base64": lambda found: first(found).update(program=[["push", 1, "AQ"]]),
    "a number for a flag": lambda found: first(found).update(shortest=1),
    "a dialect that is none": lambda found: found.update(dialect="reference+overlapping_pull=hold"),
    "one that conforms and deviates": lambda found: found.update(verdict="conforms"),
    "one that broke and did not": lambda found: found.update(verdict="broken"),
    "fewer programs than none": lambda found: found.update(programs=-1),
    "a shard that is none": lambda found: found.update(shard={"number": 1, "of": 1}),
    "something excused without a list": lambda found: found.update(excused=[excused()]),
    "an excuse without a reason": lambda found: found.update(known=[], excused=[excused("")]),
    "untested with programs": lambda found: found.update(verdict="untested", deviations=[]),
    "a suite that does not say what deviated": lambda found: found["suites"][0].pop("deviating"),
    "a policy too many": lambda found: found["nearest"]["differs_in"].update(more="no"),
    "an excuse with a key too many": lambda found: found.update(
        known=[], excused=[{**excused(), "more": 1}]
    ),
    "half a dialect": lambda found: found["nearest"]["policies"].pop("repeated_error"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_report_is_refused(name: str) -> None:
    found = written(verdict_of("one cause"))
    assert VALIDATOR.is_valid(found)
    BROKEN[name](found)
    assert not VALIDATOR.is_valid(found)


def test_what_is_long_or_deep_is_cut() -> None:
    deep: Json = "x"
    for _ in range(900):
        deep = [deep]

    def bounded(value: Json) -> Json:
        return shortened(value, 100_000, 10_000, 12)

    assert len(json.dumps(bounded(deep))) < 100
    assert len(str(bounded("A" * 1_000_000))) == 100_001
    assert len(list(bounded(list(range(100_000))))) == 10_001  # type: ignore[arg-type]  # an array
    answer: Json = [{"queue": ["AA=="], "errored": False}, [[1, "value", "AA=="]]]
    assert bounded(answer) == answer


def test_the_nearest_dialect_is_one_only_if_it_explains_everything() -> None:
    other = verdict_of("another dialect")
    assert other.nearest is not None
    assert fits(other, other.nearest)
    assert written(other)["nearest"]["fits"]
    assert str(other.nearest.dialect) == "whatwg"
    # Whatever the programs say that look for the dialect: none of them changes limits.
    late = verdict_of("with limits")
    assert late.nearest is not None
    claimed = replace(late.nearest, deviating=0, dialect=Dialect.parse("isolate"))
    assert not fits(late, claimed)
    assert "it is not that one either" in screen(replace(late, nearest=claimed))


FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800]")


def test_the_check_for_forbidden_signs_finds_some() -> None:
    assert len(FORBIDDEN.findall(NASTY)) >= 10


HOSTILE = ("hostile", "flood", "hostile and dies", "excused")


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_report_carries_what_controls_a_terminal_or_turns_text(kind: str) -> None:
    verdict = verdict_of(kind)
    texts = {
        "screen": screen(verdict),
        "junit": as_junit(verdict),
        "html": as_html(verdict, ("node", NASTY)),
        "json": json.dumps(as_json(verdict, "0.1.0")),
    }
    for name, text in texts.items():
        assert FORBIDDEN.findall(text) == [], name
        assert len(text) < {"json": 5_000_000}.get(name, 250_000), name
        text.encode()


def test_signs_that_xml_cannot_hold() -> None:
    assert legal("a\x00b\ud800c\ufffed\u202ee\u2028f\x85g") == "a�b�c�d�e�f�g"
    fine = "tab\t line\n é ✗ → 日本 \U0001f600 שלום"
    assert legal(fine) == fine
    fromstring(
        f"<a>{legal(''.join(map(chr, range(32, 0x3000)))).translate({38: None, 60: None})}</a>"
    )
