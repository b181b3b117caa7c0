"""JUnit is XML that says the same as the other reports."""

from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest

from streamstate.model import Rule
from streamstate.oracle.reports.junit import as_junit
from streamstate.oracle.verdict.verdict import Verdict
from tests.oracle.reported_known import KINDS, verdict_of


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
    assert one.programs == 2
    assert line == "Probably caused at CLOSE_3, seen at CLOSE_2: 3 ops, in 2 programs"


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
