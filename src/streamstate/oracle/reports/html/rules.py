"""The heat map of rules: how often each was exercised, and which are to blame."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from streamstate.model import Rule
from streamstate.oracle.programs.rulesets import RULES, bit_of
from streamstate.oracle.reports.html.elements import Content, Element, element
from streamstate.oracle.reports.sentences import counted
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.semantics import passages

_HOTTEST: Final = 5
_CAUSE: Final = "cause"


def rules_section(verdict: Verdict) -> Element:
    """The map, then the sentence of each rule with its intent."""
    rules = list(_relevant(verdict))
    rows = (
        element(
            "tr",
            element("th", name.lower(), scope="row"),
            element(
                "td",
                element(
                    "ul",
                    *(_chip(verdict, rule, _note(verdict, rule)) for rule in of_op),
                    class_="chips",
                ),
            ),
        )
        for name, of_op in groupby(rules, key=_op_of)
    )
    return element(
        "section",
        element("h2", "Rules", id="rules"),
        element("p", *_legend(verdict, len(rules))),
        element(
            "table",
            element("caption", "How many times each rule was exercised, by op"),
            element("tbody", *rows),
            class_="heat",
        ),
        element("h3", "What they say"),
        element("dl", *(_sentence(verdict, rule) for rule in rules), class_="sentences"),
        aria_labelledby="rules",
    )


def _relevant(verdict: Verdict) -> Iterator[Rule]:
    """Those that programs can fire in the dialect, and any other that a deviation names."""
    reachable = verdict.reachable
    named = {rule for each in verdict.found for rule in (each.rule, each.seen_at, *each.others)}
    named |= {each.known.rule for each in verdict.standings or ()}
    return (rule for rule in RULES if reachable & bit_of(rule) or rule in named)


def _op_of(rule: Rule) -> str:
    return rule.name.rpartition("_")[0]


def _legend(verdict: Verdict, rules: int) -> Iterator[Content]:
    left_out = len(RULES) - rules
    yield "The stronger the colour, the more often. "
    yield f"The other {left_out} rules of {len(RULES)} are those of other dialects"
    given_up = "awaiters that have looked" if verdict.cancels else "pulls that are given up"
    yield f" than {verdict.dialect}, and of {given_up}."


def _note(verdict: Verdict, rule: Rule) -> str | None:
    """What a rule has to do with the deviations, if anything."""
    if any(each.rule is rule for each in verdict.deviations):
        return _CAUSE
    if any(each.deviation.rule is rule for each in verdict.excused):
        return "excused"
    seen = (each for each in verdict.deviations if rule in (each.seen_at, *each.others))
    return "seen" if any(True for _ in seen) else None


def _chip(verdict: Verdict, rule: Rule, note: str | None) -> Element:
    times = verdict.tally.rules[rule]
    notes = [] if note is None else [element("small", note)]
    number = rule.name.rpartition("_")[2]
    says = f"{rule.name}, exercised {counted(times, 'time')}"
    return element(
        "li",
        element(
            "a",
            element("span", number, class_="id"),
            element("span", f"{times:,}" if times else "never"),
            *notes,
            href=f"#{rule.name}",
            aria_label=says + (f", {note}" if note else ""),
            title=rule.value,
        ),
        class_="blamed" if note == _CAUSE else f"heat-{_heat(times)}",
    )


def _heat(times: int) -> int:
    """0 for none, then one more for each digit."""
    return min(_HOTTEST, len(str(times))) if times else 0


def _plain(text: str) -> str:
    """Prose of the page without its marks for code."""
    return text.replace("`", "")


def _sentence(verdict: Verdict, rule: Rule) -> Element:
    times = verdict.tally.rules[rule]
    return element(
        "div",
        element("dt", rule.name, element("small", f" {times:,}" if times else " never")),
        element("dd", rule.value),
        element("dd", _plain(passages()[rule].intent), class_="intent"),
        id=rule.name,
    )
