"""A verdict as one HTML file that needs nothing else: no network, no script, no dependency.

Templates lay out what a `View` has: `page.html`, and in it one for each section. All that is put
into one is text, escaped, so what an implementation says stays text. The style sheet is the only
thing that the page may use, by its hash: no script, no picture from elsewhere, no style in an
attribute, whatever finds its way into it.

To add a section, write its template and name it in `_sections`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final

from jinja2 import Environment

from streamstate.model import POLICIES, Dialect, Rule, hazards
from streamstate.oracle.programs.rulesets import RULES, bit_of, op_of
from streamstate.oracle.reports import wording
from streamstate.oracle.reports.html.drawn import (
    STYLE,
    difference_of,
    drawn_of,
    machine_of,
    replays_of,
)
from streamstate.oracle.reports.pages import templates
from streamstate.oracle.reports.view import MOST_SHOWN, View, view_of
from streamstate.oracle.verdict.certificate import assumptions
from streamstate.oracle.verdict.deviation import ALPHABET_SAYS
from streamstate.oracle.verdict.verdict import CONFORMS, Verdict
from streamstate.semantics import passages, published
from streamstate.wire.in_words import counted

__all__ = ["as_html", "environment"]

_HOTTEST: Final = 5


def as_html(
    verdict: Verdict, command: Sequence[str] = (), most: int = MOST_SHOWN, explorer: str = ""
) -> str:
    """The page. `command` is what ran the implementation, empty for the built-in one. At most
    `most` deviations are shown in full, and the rest are folded. `explorer` is the address of an
    explorer page, relative to this one: each deviation links to its replay there."""
    view = view_of(verdict, command)
    page = environment().get_template("page.html")
    shown, fitting = _dialect_shown(verdict)
    rules = tuple(_rules(verdict))
    picture = machine_of(verdict)
    return page.render(
        view=view,
        verdict=verdict,
        tally=verdict.tally,
        most=most,
        sections=tuple(_sections(view, picture is not None)),
        picture=picture,
        shown=shown,
        fitting=fitting,
        rules=rules,
        rules_by_op=groupby(rules, key=lambda each: op_of(each.rule).lower()),
        left_out=len(RULES) - len(rules),
        drawn=drawn_of(verdict),
        difference=difference_of(verdict.dialect, shown),
        replays=replays_of(verdict, explorer),
    )


@cache
def environment() -> Environment:
    """The renderer of the templates, which escapes everything and keeps only what XML can hold."""
    made = templates(__package__, STYLE)
    made.globals |= {
        "counted": counted,
        "certificate": wording.certificate,
        "blind_spots": wording.blind_spots,
        "published": published,
        "alphabet_says": ALPHABET_SAYS,
        "assumptions": assumptions,
        "policies": POLICIES,
        "hazards": hazards,
    }
    return made


def _sections(view: View, has_picture: bool) -> Iterator[tuple[str, str]]:
    """The names and titles of the sections. What needs doing comes first: an exchange that broke,
    an adapter to mend, deviations."""
    verdict = view.verdict
    shown = (
        ("certificate", "Certificate" if verdict.certificates else "What was run"),
        ("blind-spots", "What this cannot see"),
    )
    if verdict.outcome == CONFORMS:
        yield from shown
    if view.exchange is not None:
        yield "exchange", "The exchange broke"
    if view.mistakes:
        yield "adapter", "Fix the adapter first"
    if view.deviations:
        yield "deviations", "Deviations"
        if has_picture:
            yield "machine", "The state machine, and where it is left"
    if view.known:
        yield "known", "Known deviations"
    yield "dialect", "Dialect"
    yield "rules", "Rules"
    if verdict.outcome != CONFORMS:
        yield from shown


# --- Dialects --------------------------------------------------------------------------------


def _dialect_shown(verdict: Verdict) -> tuple[Dialect | None, bool]:
    """The dialect that the answers show, if any, and whether it explains everything."""
    if verdict.nearest is not None:
        return verdict.nearest.dialect, wording.fits(verdict, verdict.nearest)
    if verdict.outcome == CONFORMS and not verdict.single:
        return verdict.dialect, True
    return None, False


# --- Rules -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _RuleShown:
    """A rule, how often it was exercised, and what it has to do with the deviations, if anything.
    `heat` is 0 for never, then one more for each digit."""

    rule: Rule
    times: int
    heat: int
    note: str
    intent: str


def _rules(verdict: Verdict) -> Iterator[_RuleShown]:
    """The rules that programs can take in the dialect, and any other that a deviation names."""
    named = {rule for each in verdict.found for rule in (each.rule, each.seen_at, *each.others)}
    named |= {each.known.rule for each in verdict.known or ()}
    for rule in RULES:
        if verdict.reachable & bit_of(rule) or rule in named:
            times = verdict.tally.rules[rule]
            heat = min(_HOTTEST, len(str(times))) if times else 0
            intent = passages()[rule].intent.replace("`", "")
            yield _RuleShown(rule, times, heat, _note(verdict, rule), intent)


def _note(verdict: Verdict, rule: Rule) -> str:
    if any(each.rule is rule for each in verdict.deviations):
        return "cause"
    if any(each.deviation.rule is rule for each in verdict.excused):
        return "excused"
    seen = any(rule in (each.seen_at, *each.others) for each in verdict.deviations)
    return "seen" if seen else ""
