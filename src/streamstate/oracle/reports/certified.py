"""What the complete suites show, for the screen: the claim once, a line for each abstraction, what
it rests on, and what no run has seen."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from streamstate.oracle.reports.lines import WIDTH, Line, wrapped
from streamstate.oracle.reports.sentences import blind_spots, claims
from streamstate.oracle.verdict.certificate import ASSUMPTIONS, Certificate
from streamstate.oracle.verdict.verdict import CONFORMS, Verdict

_GAP: Final = 2


def certificate_lines(verdict: Verdict) -> Iterator[Line]:
    """In full where the implementation conforms, else in short."""
    whole = [each for each in verdict.certificates if each.complete]
    if verdict.outcome != CONFORMS or verdict.excused:
        yield from _in_short(verdict, whole)
        return
    yield Line("")
    yield from (line for claim in claims(verdict) for line in wrapped(claim))
    if whole:
        yield from _table(whole)
        yield from wrapped(f"This rests on: {' '.join(ASSUMPTIONS)}", "  ", "", "dim")
    yield from wrapped(f"What this cannot see: {' '.join(blind_spots(verdict))}", "  ", "", "dim")


def _in_short(verdict: Verdict, whole: list[Certificate]) -> Iterator[Line]:
    for claim in claims(verdict):
        yield from wrapped(claim, style="dim")
    if whole:
        named = "; ".join(f"{each.name} {_states(each).replace(' ', '')}" for each in whole)
        yield from wrapped(f"The suites, with their states: {named}.", "  ", "", "dim")


def _table(whole: list[Certificate]) -> Iterator[Line]:
    names = max(len(each.name) for each in whole)
    states = max(len("states"), *(len(_states(each)) for each in whole))
    indent = 2 + names + _GAP + states + _GAP
    yield Line(f"  {'abstraction':<{names}}  {'states':>{states}}  not seen", "dim")
    for each in whole:
        first, *more = wrap(each.blind_spot, WIDTH - indent, break_on_hyphens=False) or [""]
        yield Line(f"  {each.name:<{names}}  {_states(each):>{states}}  {first}".rstrip())
        yield from (Line(" " * indent + line) for line in more)


def _states(certificate: Certificate) -> str:
    """`18 + 1`: those of the reference, and how many more the implementation may have."""
    more = f" + {certificate.extra_states}" if certificate.extra_states else ""
    return f"{certificate.states}{more}"
