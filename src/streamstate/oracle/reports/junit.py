"""A verdict as JUnit XML, which continuous integration reads: one test case per rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from streamstate.model import Rule
from streamstate.oracle.programs.rulesets import RULES, bit_of
from streamstate.oracle.reports.deviation_view import DeviationView
from streamstate.oracle.reports.rows import Step
from streamstate.oracle.reports.view import MOST_SHOWN, View, legal, view_of
from streamstate.oracle.reports.wording import read_on, why_accepted
from streamstate.oracle.verdict.verdict import INCONCLUSIVE, UNTESTED, Verdict
from streamstate.wire.in_words import clean, counted

_LONGEST_MESSAGE: Final = 400
_LONGEST_JOINED: Final = 1_600


def as_junit(verdict: Verdict, most: int = MOST_SHOWN) -> str:
    """The verdict as one test suite. The XML is always well-formed, whatever an implementation
    says.

    Each rule of the dialect is a test case. It fails if the rule probably is the cause of a
    deviation; it is skipped if all deviations that the rule causes are known and accepted, or if no
    program exercised it; otherwise it passes. The test case `exchange` is an error if the exchange
    broke or nothing ran. If there is a list of known deviations, `known` fails if an entry is out
    of date. At most `most` deviations are shown in full.
    """
    view = view_of(verdict)
    root = Element("testsuites", {"name": "streamstate check"})
    name = f"streamstate.{verdict.dialect}"
    suite = SubElement(root, "testsuite", {"name": name})
    _properties(suite, verdict)
    _exchange(_case(suite, "exchange"), view)
    if view.known is not None:
        _known(_case(suite, "known"), view)
    blamed = {deviation.rule for deviation in verdict.found}
    for rule in RULES:
        if verdict.reachable & bit_of(rule) or rule in blamed:
            _rule(_case(suite, rule.name), view, rule, most)
    for counting in (root, suite):
        counting.attrib |= _counts(suite, verdict)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _counts(suite: Element, verdict: Verdict) -> dict[str, str]:
    names = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: str(len(suite.findall(f"testcase/{tag}"))) for name, tag in names.items()}
    tests = str(len(suite.findall("testcase")))
    return {"tests": tests, **counts, "time": f"{verdict.tally.seconds_in_all:.3f}"}


def _properties(suite: Element, verdict: Verdict) -> None:
    values = {
        "verdict": verdict.outcome,
        "dialect": str(verdict.dialect),
        "conforms_to": ", ".join(verdict.tally.conforms_to),
        "programs": str(verdict.tally.programs),
        "ops": str(verdict.tally.ops),
        "seed": str(verdict.seed),
    }
    hello = verdict.hello
    if hello is not None:
        values |= {"name": hello.name, "version": hello.version, "language": hello.language}
    properties = SubElement(suite, "properties")
    for name, value in values.items():
        SubElement(properties, "property", {"name": name, "value": legal(clean(value))})


def _case(suite: Element, name: str) -> Element:
    attributes = {"classname": suite.attrib["name"], "name": name, "time": "0"}
    return SubElement(suite, "testcase", attributes)


def _note(case: Element, tag: str, text: str = "", **attributes: str) -> None:
    """An element in a test case, with text and attributes that XML can hold."""
    said = {name: legal(value)[:_LONGEST_JOINED] for name, value in attributes.items()}
    SubElement(case, tag, said).text = legal(text) or None


def _exchange(case: Element, view: View) -> None:
    verdict, exchange = view.verdict, view.exchange
    if exchange is None or verdict.tally.broken is None:
        if verdict.outcome in {UNTESTED, INCONCLUSIVE}:
            _note(case, "error", type=verdict.outcome, message=view.headline)
        return
    lines = [view.headline, exchange.message, *([exchange.where] if exchange.where else [])]
    if exchange.program:
        lines += ["The program that was running:", *(f"  {op}" for op in exchange.program)]
    fault = verdict.tally.broken.fault.name.lower()
    _note(case, "error", "\n".join(lines), type=fault, message=exchange.message)
    if exchange.stderr:
        _note(case, "system-err", "\n".join(exchange.stderr))


def _known(case: Element, view: View) -> None:
    if view.outdated:
        lines = [f"{each.title}: {each.today}" for each in view.outdated]
        message = f"{counted(len(lines), 'known deviation')} out of date"
        _note(case, "failure", "\n".join(lines), type="known", message=message)


def _rule(case: Element, view: View, rule: Rule, most: int) -> None:
    verdict = view.verdict
    caused = [each for each in view.deviations if each.rule is rule]
    excused = [each for each in view.excused if each.rule is rule]
    if caused:
        shown = [_whole(each) if each.number <= most else each.in_a_line for each in caused]
        message = " / ".join(_in_short(each) for each in caused)
        _note(case, "failure", "\n\n".join(shown), type="deviation", message=message)
    elif excused:
        known = (each.known for each in verdict.excused if each.deviation.rule is rule)
        reasons = " / ".join(dict.fromkeys(map(why_accepted, known)))
        _note(case, "skipped", message=f"known deviation: {reasons}")
        _note(case, "system-out", "\n\n".join(map(_whole, excused)))
    elif not verdict.tally.rules[rule]:
        _note(case, "skipped", message="no program exercised this rule")
    else:
        seen = (e for e in view.deviations if rule in (e.seen_at, *e.also_seen_at))
        names = ", ".join(dict.fromkeys(each.rule.name for each in seen))
        if names:
            _note(case, "system-out", f"Answers differ here; the cause is at {names}.")


def _in_short(deviation: DeviationView) -> str:
    said = f"expected: {deviation.expected}; observed: {deviation.observed}"
    return clean(said, _LONGEST_MESSAGE)


def _whole(deviation: DeviationView) -> str:
    return "\n".join(_lines(deviation))


def _lines(deviation: DeviationView) -> Iterator[str]:
    yield deviation.rule.value
    yield f"Probably caused at {deviation.rule.name}, seen at {deviation.seen_at.name}."
    yield ""
    yield f"The {deviation.smallness} program:" if deviation.smallness else "The program:"
    if deviation.limits:
        yield f"  with {deviation.limits}"
    for row in deviation.rows:
        if not isinstance(row, Step):
            yield f"  {row}"
        elif row.deviates:
            observed = f"; observed: {row.observed}" * (row.observed is not None)
            yield f"  {row.number}. {row.op}: expected: {row.expected}{observed}"
        else:
            yield f"  {row.number}. {row.op}: {row.expected}"
    yield ""
    yield from deviation.remarks
    if deviation.again is not None:
        yield f"Again: {deviation.again} -- COMMAND"
    yield read_on(deviation.rule)
