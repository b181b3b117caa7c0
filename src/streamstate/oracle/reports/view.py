"""What every report shows, derived once from a verdict: a format only lays out a `View`.

JSON alone, which is for programs and is read back, is written from the verdict itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streamstate.model import Rule
from streamstate.oracle.reports import wording
from streamstate.oracle.reports.deviation_view import (
    FULL_DETAIL,
    Detail,
    DeviationView,
    again,
    deviation_view,
    with_command,
)
from streamstate.oracle.verdict.known import KnownStatus, Stands
from streamstate.oracle.verdict.verdict import CONFORMS, DEVIATES, Verdict
from streamstate.wire.in_words import clean, counted, ops_in_words

MOST_SHOWN: Final = 5
"""How many deviations a report shows in full, unless it is asked for all."""

_LONGEST_MESSAGE: Final = 400
_LONGEST_LINE: Final = 200
_MOST_LINES: Final = 20

_ILLEGAL: Final = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe"
    "\uff00-\ufffd\U00010000-\U0010ffff]"
)


def legal(text: str) -> str:
    """`text` with � for what XML cannot hold, and for signs that turn the direction of writing."""
    return _ILLEGAL.sub("�", text)


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """How the exchange with an adapter broke. `program` is the one that was running."""

    message: str
    where: str
    program: tuple[str, ...]
    again: str | None
    stderr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownView:
    """An entry of the list of known deviations, and its outcome."""

    rule: Rule
    where: str
    program: str
    reason: str
    today: str
    in_force: bool
    excuses: int

    @property
    def title(self) -> str:
        """The rule, and where the entry is."""
        return f"{self.rule.name} ({self.where})"


@dataclass(frozen=True, slots=True)
class View:
    """A verdict as reports show it. A part that the verdict does not have is empty, and `known` is
    None without a list. `mistakes` are those of the adapter, to be mended first."""

    verdict: Verdict
    headline: str
    mistakes: tuple[str, ...]
    deviations: tuple[DeviationView, ...]
    excused: tuple[DeviationView, ...]
    known: tuple[KnownView, ...] | None
    exchange: ExchangeView | None
    nearest: str
    check_nearest: str
    """The command line that checks against the dialect that it comes nearest to."""
    rules: int
    """The rules that programs could exercise, and those that they did."""
    left_out: tuple[str, ...]
    fitting: str
    """A sentence on which named dialects fit what was seen."""

    @property
    def in_force(self) -> tuple[KnownView, ...]:
        """The known deviations whose entries are in force."""
        return tuple(each for each in self.known or () if each.in_force)

    @property
    def outdated(self) -> tuple[KnownView, ...]:
        """The known deviations whose entries are not in force."""
        return tuple(each for each in self.known or () if not each.in_force)


def view_of(verdict: Verdict, command: Sequence[str] = (), detail: Detail = FULL_DETAIL) -> View:
    """The view of a verdict. `command` is what ran the implementation, empty for the built-in
    one."""
    tally, known, nearest = verdict.tally, verdict.known, verdict.nearest
    deviations, excused = (
        tuple(deviation_view(verdict, *each, command, detail) for each in enumerate(found, start=1))
        for found in (verdict.deviations, [each.deviation for each in verdict.excused])
    )
    has_other = nearest is not None and nearest.dialect != verdict.dialect and not verdict.single
    check_nearest = ["streamstate", "check", "--dialect", str(nearest and nearest.dialect)]
    names = ", ".join(tally.conforms_to) or "no named dialect"
    has_fitting = verdict.outcome in {CONFORMS, DEVIATES} and not verdict.single
    return View(
        verdict=verdict,
        headline=wording.headline(verdict),
        mistakes=tuple(
            f"{mistake.value} ({counted(programs, 'program')})"
            for mistake, programs in tally.mistakes.most_common()
        ),
        deviations=deviations,
        excused=excused,
        known=None if known is None else tuple(_known(verdict, each) for each in known),
        exchange=_exchange(verdict, command, detail),
        nearest="" if verdict.single else wording.nearest_in_words(verdict),
        check_nearest=with_command(check_nearest, command) if has_other else "",
        rules=len(tally.rules) + (0 if verdict.single else len(verdict.unexercised())),
        left_out=tuple(wording.left_out(verdict)),
        fitting=f"Every answer fits {names}." if has_fitting else "",
    )


def _known(verdict: Verdict, status: KnownStatus) -> KnownView:
    known = status.known
    return KnownView(
        rule=known.rule,
        where=clean(known.where),
        program=clean("; ".join(ops_in_words(known.program)), _LONGEST_MESSAGE),
        reason=wording.why_accepted(known),
        today=wording.status_in_words(status),
        in_force=isinstance(status, Stands),
        excuses=sum(each.known is known for each in verdict.excused),
    )


def _exchange(verdict: Verdict, command: Sequence[str], detail: Detail) -> ExchangeView | None:
    error, running = verdict.tally.broken, verdict.tally.running
    if error is None:
        return None
    program = () if running is None else running.program
    limits = None if running is None else running.limits
    ops = [each.op for each in program]
    said = error.stderr.expandtabs(4).splitlines()
    lines = [clean(line, _LONGEST_LINE) for line in said if line.strip()]
    return ExchangeView(
        message=clean(error.message, _LONGEST_MESSAGE),
        where=wording.where_it_breaks(verdict),
        program=tuple(wording.in_short(program)),
        again=again(verdict, ops, limits, command, detail.command),
        stderr=tuple(lines[-_MOST_LINES:]),
    )
