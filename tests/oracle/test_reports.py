"""The reports: JSON is in its schema, JUnit is XML that says the same, the screen says it in these
words; and whatever an implementation says stays text in all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element, fromstring

import pytest
from jsonschema import Draft202012Validator

from streamstate import semantics
from streamstate.model import (
    HAZARDS,
    POLICIES,
    REFERENCE,
    Create,
    Dialect,
    Error,
    IsQueueFull,
    Pull,
    Push,
    Rule,
)
from streamstate.oracle.adapters.implementation import Fault
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.deviation_view import Omitted, Step, rows
from streamstate.oracle.reports.html import as_html
from streamstate.oracle.reports.junit import as_junit
from streamstate.oracle.reports.lines import WIDTH
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.reports.view import MOST_SHOWN, legal
from streamstate.oracle.reports.wording import fits
from streamstate.oracle.verdict.comparing import shortened
from streamstate.oracle.verdict.deviation import Kind
from streamstate.oracle.verdict.tally import Mistake
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import Json
from tests.oracle.reported import NASTY, deviation_at_the_end
from tests.oracle.reported_known import KINDS, verdict_of

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "spec" / "report.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def written(verdict: Verdict) -> dict[str, Any]:
    """The JSON report, written and read."""
    read: dict[str, Any] = json.loads(json.dumps(as_json(verdict, "0.1.0"), indent=2))
    return read


def screen(verdict: Verdict, *command: str) -> str:
    return "\n".join(line.text for line in as_text(verdict, command)) + "\n"


def test_the_schema_is_one_and_names_what_there_is() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    names = SCHEMA["$defs"]
    assert names["rule"]["enum"] == [rule.name for rule in Rule]
    deviation = names["deviation"]["properties"]
    assert deviation["kind"]["enum"] == [kind.name.lower() for kind in Kind]
    assert names["broken"]["properties"]["fault"]["enum"] == [f.name.lower() for f in Fault]
    for schema in (names["policies"], names["nearest"]["properties"]["differs_in"]):
        values = {field: tuple(each["enum"]) for field, each in schema["properties"].items()}
        assert values == dict(POLICIES)
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


# --- JUnit -----------------------------------------------------------------------------------


def suite_of(verdict: Verdict) -> Element:
    root = fromstring(as_junit(verdict))
    (suite,) = root
    assert root.tag == "testsuites"
    assert suite.tag == "testsuite"
    return suite


@pytest.mark.parametrize("kind", KINDS)
def test_junit_counts_what_is_in_it(kind: str) -> None:
    verdict = verdict_of(kind)
    suite = suite_of(verdict)
    cases = suite.findall("testcase")
    assert len({case.get("name") for case in cases}) == len(cases)
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.get(count) == str(sum(case.find(tag) is not None for case in cases))
    assert suite.get("tests") == str(len(cases))
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    outdated = {"known"} if verdict.outdated else set()
    assert failed == {deviation.rule.name for deviation in verdict.deviations} | outdated
    skipped = {case.get("name") for case in cases if case.find("skipped") is not None}
    excused = {each.deviation.rule.name for each in verdict.excused}
    assert skipped == ({rule.name for rule in verdict.unexercised()} | excused) - failed
    broken = suite.findall("testcase[@name='exchange']/error")
    assert len(broken) == (verdict.outcome in {"broken", "untested", "inconclusive"})
    known = suite.findall("testcase[@name='known']")
    assert len(known) == (verdict.known is not None)


def test_junit_tells_the_story() -> None:
    (failure,) = suite_of(verdict_of("one cause")).iter("failure")
    assert failure.get("message") == "expected: pull 1 is done; observed: no pull settles"
    text = failure.text or ""
    assert "shortest program" in text
    assert "3. close(1): expected: pull 1 is done; observed: no pull settles" in text
    assert '--program \'[["create"],["pull",1],["close",1]]\'' in text


def test_junit_has_the_first_deviations_whole_and_the_rest_in_a_line() -> None:
    verdict = verdict_of("one cause")
    (one,) = verdict.deviations
    verdict = replace(verdict, deviations=(one, replace(one, rule=Rule.CLOSE_3)))
    for most, whole in ((1, 1), (2, 2)):
        texts = [each.text or "" for each in fromstring(as_junit(verdict, most)).iter("failure")]
        assert ["The shortest program:" in text for text in texts] == [True, whole == 2]
    (_, line) = [each.text for each in fromstring(as_junit(verdict, 1)).iter("failure")]
    assert line == "Probably caused at CLOSE_3, seen at CLOSE_2: 3 ops, in 1 program"


def test_junit_skips_what_is_excused_and_says_why() -> None:
    suite = suite_of(verdict_of("excused"))
    (skipped,) = suite.findall("testcase[@name='CLOSE_2']/skipped")
    message = skipped.get("message") or ""
    assert message.startswith("known deviation: so be it ")
    assert message.endswith(" (https://example.org/1)")
    assert "3. close(1)" in suite.findtext("testcase[@name='CLOSE_2']/system-out", "")
    outdated = suite_of(verdict_of("excused, one entry out of date"))
    (failure,) = outdated.findall("testcase[@name='known']/failure")
    assert failure.text == (
        "CREATE_1 (known.toml, line 9): Its program no longer deviates; remove the entry."
    )


# --- The screen ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_screen_is_one(kind: str) -> None:
    verdict = verdict_of(kind)
    lines = list(as_text(verdict))
    assert len(lines) <= 25 + 20 * min(len(verdict.deviations), MOST_SHOWN)
    table = [line.text for line in lines if line.text.startswith(("     ", "   ✗"))]
    assert max(map(len, table), default=0) <= WIDTH + 40  # a long word of the stderr is not broken


def test_deviations_after_the_first_have_a_line_each() -> None:
    verdict = verdict_of("hostile")
    verdict = replace(verdict, deviations=verdict.deviations * (MOST_SHOWN + 1))
    shown = screen(verdict)
    numbered = re.findall(r"^(\d+)\. ", shown, re.MULTILINE)
    assert numbered == [str(number) for number in range(1, len(verdict.deviations) + 1)]
    whole = min(len(verdict.deviations), MOST_SHOWN)
    assert len(re.findall(r" program +expected +observed$", shown, re.MULTILINE)) == whole


HEADLINES = {
    "conforms": "conforms to reference.",
    "one cause": "deviates from reference: 1 distinct cause, in 1 of 35 programs.",
    "excused": "conforms to reference but for 1 known deviation.",
    "excused, one entry out of date": "conforms to reference but for 1 known deviation.",
    "one excused, one not": (
        "deviates from reference: 1 distinct cause besides 1 known deviation, in 1 of 35 programs."
    ),
    "untested": "was not tested: nothing was run.",
    "inconclusive": "deviates, but the budget ran out before anything was proved.",
}


@pytest.mark.parametrize("kind", HEADLINES)
def test_the_first_line_says_it_all(kind: str) -> None:
    first_line = screen(verdict_of(kind)).splitlines()[0]
    assert re.sub(r"\d+ of \d+ programs", "1 of 35 programs", first_line).endswith(HEADLINES[kind])


def test_the_screen_says_what_is_excused_and_why() -> None:
    shown = screen(verdict_of("excused"))
    assert "Known deviations: 2 of 2 stand.\n  CLOSE_2 (known.toml, line 1): so be it " in shown
    assert "(https://example.org/1)" in shown
    assert "  CLOSE_2 (known.toml, line 17): It excuses nothing here. the same\n" in shown
    outdated = screen(verdict_of("excused, one entry out of date"))
    assert (
        "Known deviations: 1 of 2 stand.\n  CREATE_1 (known.toml, line 9): Its program" in outdated
    )


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        *(("conforms", 0), ("one cause", 1), ("never started", 3), ("excused", 0)),
        *(("excused, one entry out of date", 1), ("one excused, one not", 1), ("untested", 3)),
        ("inconclusive", 3),
    ],
)
def test_exit_codes(kind: str, code: int) -> None:
    assert verdict_of(kind).exit_code == code


def test_a_part_says_which() -> None:
    assert "This is part 2 of 3 of the plan.\n" in screen(verdict_of("part"))
    assert written(verdict_of("part"))["shard"] == {"number": 2, "of": 3}
    assert "This is part 2 of 3 of the plan." in as_html(verdict_of("part"))


def test_what_is_excused_counts_for_what_an_implementation_is() -> None:
    """A dialect that explains all but what is excused does not explain everything."""
    verdict = verdict_of("excused")
    assert verdict.nearest is not None
    assert not fits(verdict, replace(verdict.nearest, deviating=0))


SEEN_ELSEWHERE = """\
1. Probably caused at ERROR_10, seen at PULL_6
   error on an errored stream MUST replace its error value and change nothing else,
   where repeated_error is replace.

     minimal program    expected                      observed
     create()           returns 1                     as expected
     error(1, 'e1')     nothing to see                as expected
     pull(1) as pull 1  pull 1 is rejected with 'e1'  as expected
     error(1, 'e2')     nothing to see                as expected
   ✗ pull(1) as pull 2  pull 2 is rejected with 'e2'  pull 2 is rejected with 'e1'
"""


def test_a_cause_that_shows_elsewhere() -> None:
    observed: Json = [None, [[2, "error", "e1"]]]
    again = (Create(), Error(1, "e1"), Pull(1), Error(1, "e2"), Pull(1))
    one = deviation_at_the_end(Rule.ERROR_10, Rule.PULL_6, observed, *again)
    shown = screen(replace(verdict_of("another dialect"), deviations=(one,)))
    assert SEEN_ELSEWHERE in shown


INSTEAD = """\
It follows whatwg (overlapping_pull=queue, errored_backlog=drop,
error_when_closed=while_queued, repeated_error=keep) instead: all 17 programs that tell
dialects apart fit. The hazards of that dialect: unbounded-pulls, dropped-bytes,
unbounded-queue.
"""


def test_what_it_is_instead() -> None:
    shown = re.sub(r"all \d+ programs", "all 17 programs", screen(verdict_of("another dialect")))
    assert f"{INSTEAD}   Check against it: streamstate check --dialect whatwg\n" in shown


def test_long_programs_are_cut_in_the_middle() -> None:
    turns = (op for n in range(30) for op in (Push(1, bytes([n])), Pull(1)))  # no two rounds alike
    program = (Create(), *turns, IsQueueFull(1))
    rule = Rule.IS_QUEUE_FULL_3
    shown = rows(deviation_at_the_end(rule, rule, [True, []], *program), REFERENCE, 12)
    assert len(shown) == 12
    assert sum(1 if isinstance(row, Step) else row.ops for row in shown) == len(program)
    assert [str(row) for row in shown if isinstance(row, Omitted)] == ["… 51 ops"]
    assert isinstance(shown[-1], Step)
    assert shown[-1].deviates


def test_long_runs_of_the_like_are_cut() -> None:
    program = (Create(), *(Push(1, b"a"),) * 20, IsQueueFull(1))
    rule = Rule.IS_QUEUE_FULL_2
    shown = rows(deviation_at_the_end(rule, rule, [False, []], *program), REFERENCE, 12)
    assert [str(row) for row in shown if isinstance(row, Omitted)] == ["… 18 more of the same"]


# --- What an implementation says -------------------------------------------------------------

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


def test_rules_lead_to_where_they_are_published(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = verdict_of("one cause")
    assert "   Read on: streamstate rule CLOSE_2\n" in screen(verdict)
    assert "Read on: streamstate rule CLOSE_2" in as_junit(verdict)
    assert "https:" not in as_html(verdict)
    monkeypatch.setattr(semantics, "PUBLISHED", "https://streams.example/rules.html")
    address = "https://streams.example/rules.html#close_2"
    assert f"   Read on: {address}\n" in screen(verdict)
    assert f"Read on: {address}" in as_junit(verdict)
    assert f'<a href="{address}">CLOSE_2</a>' in as_html(verdict)
