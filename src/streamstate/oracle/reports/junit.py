"""A verdict as JUnit XML, which continuous integration reads: one test case per rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from streamstate.model import Rule
from streamstate.oracle.programs.in_words import clean, ops_in_words
from streamstate.oracle.programs.rulesets import RULES, bit_of
from streamstate.oracle.reports.sentences import (
    counted,
    how_it_stands,
    known_as,
    remarks,
    why_accepted,
)
from streamstate.oracle.reports.showing import (
    Omitted,
    Step,
    again,
    breaking_of,
    contrasted,
    headline,
    legal,
    limits_in_words,
    rows,
    smallness,
)
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.verdict import INCONCLUSIVE, UNTESTED, Verdict

_LONGEST_MESSAGE: Final = 400
_LONGEST_COMMAND: Final = 4_000
_MOST_LINES: Final = 40


def as_junit(verdict: Verdict) -> str:
    """The verdict as one test suite. Always well-formed, whatever an implementation says.

    Each rule of the dialect is a test case: it fails where it probably is the cause of a deviation,
    is skipped where all that it causes is known and accepted or where no program exercised it, and
    passes otherwise. `exchange` is one more: an error where the exchange broke or nothing was run.
    Where there is a list of known deviations, `known` fails if an entry of it is out of date.
    """
    root = Element("testsuites", {"name": "streamstate check"})
    suite = SubElement(root, "testsuite", {"name": _suite_name(verdict)})
    _properties(suite, verdict)
    _exchange(suite, verdict)
    if verdict.standings is not None:
        _known(suite, verdict)
    for rule in _rules(verdict):
        _case(suite, verdict, rule)
    for counting in (root, suite):
        counting.attrib |= _counts(suite, verdict)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _counts(suite: Element, verdict: Verdict) -> dict[str, str]:
    names = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: str(len(suite.findall(f"testcase/{tag}"))) for name, tag in names.items()}
    tests = str(len(suite.findall("testcase")))
    return {"tests": tests, **counts, "time": f"{verdict.tally.seconds_in_all:.3f}"}


def _suite_name(verdict: Verdict) -> str:
    return f"streamstate.{verdict.dialect}"


def _rules(verdict: Verdict) -> list[Rule]:
    """Those that programs can fire in the dialect, and any other that is to blame."""
    reachable = verdict.reachable
    blamed = {deviation.rule for deviation in verdict.found}
    return [rule for rule in RULES if reachable & bit_of(rule) or rule in blamed]


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


def _new_case(suite: Element, verdict: Verdict, name: str) -> Element:
    return SubElement(
        suite, "testcase", {"classname": _suite_name(verdict), "name": name, "time": "0"}
    )


def _exchange(suite: Element, verdict: Verdict) -> None:
    case = _new_case(suite, verdict, "exchange")
    error = verdict.tally.broken
    if error is None:
        if verdict.outcome in {UNTESTED, INCONCLUSIVE}:
            SubElement(
                case, "error", {"type": verdict.outcome, "message": legal(headline(verdict))}
            )
        return
    message = legal(clean(error.message, _LONGEST_MESSAGE))
    shown = SubElement(case, "error", {"type": error.fault.name.lower(), "message": message})
    lines = [headline(verdict), message]
    where = breaking_of(verdict)
    if where is not None:
        lines.append(where)
    running = verdict.tally.running
    if running is not None:
        ops = [each.op for each in running.program[:_MOST_LINES]]
        lines += ["The program that was running:", *(f"  {text}" for text in ops_in_words(ops))]
        lines += ["  …"] * (len(running.program) > _MOST_LINES)
    shown.text = legal("\n".join(lines))
    if error.stderr:
        tail = [clean(line, 400) for line in error.stderr.splitlines()[-_MOST_LINES:]]
        SubElement(case, "system-err").text = legal("\n".join(tail))


def _known(suite: Element, verdict: Verdict) -> None:
    case = _new_case(suite, verdict, "known")
    if verdict.outdated:
        lines = [f"{known_as(each)}: {how_it_stands(each)}" for each in verdict.outdated]
        message = f"{counted(len(lines), 'known deviation')} out of date"
        SubElement(case, "failure", {"type": "known", "message": message}).text = legal(
            "\n".join(lines)
        )


def _case(suite: Element, verdict: Verdict, rule: Rule) -> None:
    case = _new_case(suite, verdict, rule.name)
    caused = [deviation for deviation in verdict.deviations if deviation.rule is rule]
    if caused:
        message = legal(" / ".join(_in_short(each) for each in caused)[: 4 * _LONGEST_MESSAGE])
        failure = SubElement(case, "failure", {"type": "deviation", "message": message})
        shown = "\n\n".join("\n".join(_in_full(verdict, each)) for each in caused)
        failure.text = legal(shown)
    elif excused := [each for each in verdict.excused if each.deviation.rule is rule]:
        reasons = dict.fromkeys(why_accepted(each.known) for each in excused)
        message = f"known deviation: {' / '.join(reasons)}"[: 4 * _LONGEST_MESSAGE]
        SubElement(case, "skipped", {"message": legal(message)})
        shown = "\n\n".join("\n".join(_in_full(verdict, each.deviation)) for each in excused)
        SubElement(case, "system-out").text = legal(shown)
    elif not verdict.tally.rules[rule]:
        SubElement(case, "skipped", {"message": "no program exercised this rule"})
    else:
        blamed = [each.rule.name for each in verdict.deviations if rule in _where_seen(each)]
        if blamed:
            names = ", ".join(dict.fromkeys(blamed))
            SubElement(case, "system-out").text = f"Answers differ here; the cause is at {names}."


def _where_seen(deviation: Deviation) -> tuple[Rule, ...]:
    return (deviation.seen_at, *deviation.others)


def _in_short(deviation: Deviation) -> str:
    expected, observed = contrasted(deviation)
    return clean(f"expected: {expected}; observed: {observed}", _LONGEST_MESSAGE)


def _in_full(verdict: Verdict, deviation: Deviation) -> Iterator[str]:
    yield deviation.rule.value
    yield f"Probably caused at {deviation.rule.name}, seen at {deviation.seen_at.name}."
    yield ""
    yield f"The {smallness(deviation)} program:".replace("  ", " ")
    if deviation.limits is not None:
        yield f"  with {limits_in_words(deviation.limits)}"
    for row in rows(deviation, verdict.dialect, _MOST_LINES):
        match row:
            case Omitted():
                yield f"  {row}"
            case Step(number, op, expected, observed, deviates):
                known = "" if observed is None else f"; observed: {observed}"
                said = f"expected: {expected}{known}" if deviates else expected
                yield f"  {number}. {op}: {said}"
    yield ""
    yield from remarks(deviation)
    command = again(verdict, deviation, (), _LONGEST_COMMAND)
    if command is not None:
        yield f"Again: {command} -- COMMAND"
