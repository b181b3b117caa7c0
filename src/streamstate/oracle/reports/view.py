"""What every report shows, derived once from a verdict: a format only lays out a `View`.

JSON alone, which is for programs and is read back, is written from the verdict itself.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from streamstate.model import Limits, Rule
from streamstate.oracle.programs.in_words import clean, ops_in_words
from streamstate.oracle.programs.program import with_fills
from streamstate.oracle.reports import wording
from streamstate.oracle.reports.rows import Row, contrasted, in_short, rows
from streamstate.oracle.reports.wording import counted
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.known import KnownStatus, Stands
from streamstate.oracle.verdict.verdict import CONFORMS, DEVIATES, Verdict
from streamstate.wire import Turn

MOST_SHOWN: Final = 5
"""Deviations shown whole, unless all are asked for."""

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
class Room:
    """What a format has room for: rows of a program, and characters of a command line."""

    rows: int = 40
    command: int = 4_000


@dataclass(frozen=True, slots=True)
class DeviationView:
    """A deviation: its program in time order, expected beside observed, and what there is to say.
    `again` is the command line that runs the program alone, None where it would be too long."""

    number: int
    title: str
    rule: Rule
    seen_at: Rule
    also_seen_at: tuple[Rule, ...]
    kind: str
    amount: str
    """In how many programs of the plan."""
    length: str
    """Of the program, in ops."""
    limits: str
    smallness: str
    rows: tuple[Row, ...]
    expected: str
    observed: str
    remarks: tuple[str, ...]
    again: str | None

    @property
    def in_a_line(self) -> str:
        """What is shown where it is not shown whole."""
        return f"{self.title}: {self.length}, in {self.amount}"


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """How the exchange with an adapter broke. `program` is the one that was running."""

    message: str
    where: str | None
    program: tuple[str, ...]
    again: str | None
    stderr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownView:
    """An entry of the list of known deviations, and what became of it."""

    rule: Rule
    title: str
    where: str
    program: str
    reason: str
    today: str
    in_force: bool
    excuses: int


@dataclass(frozen=True, slots=True)
class View:
    """A verdict as it is shown."""

    verdict: Verdict
    headline: str
    mistakes: tuple[str, ...]
    """Of the adapter, to be mended before anything else is looked at."""
    deviations: tuple[DeviationView, ...]
    excused: tuple[DeviationView, ...]
    known: tuple[KnownView, ...] | None
    exchange: ExchangeView | None
    instead: str
    in_the_nearest: str | None
    """The command line that checks against the dialect that it comes nearest to."""
    rules: int
    """That programs could exercise, those that they did among them."""
    left_out: tuple[str, ...]
    fitting: str
    """Which named dialects fit what was seen; nothing where that says nothing."""

    @property
    def in_force(self) -> int:
        """How many known deviations are."""
        return sum(each.in_force for each in self.known or ())

    @property
    def outdated(self) -> tuple[KnownView, ...]:
        """The known deviations that are not in force."""
        return tuple(each for each in self.known or () if not each.in_force)


def view_of(verdict: Verdict, command: Sequence[str] = (), room: Room = Room()) -> View:  # frozen
    """The view of a verdict. `command` is what ran the implementation, empty for the built-in."""
    tally = verdict.tally
    names = ", ".join(tally.conforms_to) or "no named dialect"
    has_fitting = verdict.outcome in {CONFORMS, DEVIATES} and not verdict.single
    excused = (each.deviation for each in verdict.excused)
    return View(
        verdict=verdict,
        headline=wording.headline(verdict),
        mistakes=tuple(
            f"{mistake.value} ({counted(programs, 'program')})"
            for mistake, programs in tally.mistakes.most_common()
        ),
        deviations=_deviations(verdict, verdict.deviations, command, room),
        excused=_deviations(verdict, excused, command, room),
        known=None
        if verdict.known is None
        else tuple(_known(verdict, each) for each in verdict.known),
        exchange=_exchange(verdict, command, room),
        instead="" if verdict.single else wording.instead(verdict),
        in_the_nearest=_in_the_nearest(verdict, command),
        rules=len(tally.rules) + (0 if verdict.single else len(verdict.unexercised())),
        left_out=tuple(wording.left_out(verdict)),
        fitting=f"What was seen fits {names}." if has_fitting else "",
    )


def _deviations(
    verdict: Verdict, found: Iterable[Deviation], command: Sequence[str], room: Room
) -> tuple[DeviationView, ...]:
    return tuple(
        _deviation(verdict, number, each, command, room)
        for number, each in enumerate(found, start=1)
    )


def _deviation(
    verdict: Verdict, number: int, deviation: Deviation, command: Sequence[str], room: Room
) -> DeviationView:
    limits = deviation.limits
    expected, observed = contrasted(deviation)
    return DeviationView(
        number=number,
        title=wording.title_of(deviation),
        rule=deviation.rule,
        seen_at=deviation.seen_at,
        also_seen_at=deviation.others,
        kind=deviation.difference.kind.value,
        amount=counted(deviation.programs, "program"),
        length=counted(deviation.difference.at + 1, "op"),
        limits="" if limits is None else wording.limits_in_words(limits),
        smallness=wording.smallness(deviation),
        rows=tuple(rows(deviation, verdict.dialect, room.rows)),
        expected=expected,
        observed=observed,
        remarks=tuple(wording.remarks(deviation)),
        again=again(verdict, deviation.program, limits, command, room.command),
    )


def _known(verdict: Verdict, status: KnownStatus) -> KnownView:
    known = status.known
    return KnownView(
        rule=known.rule,
        title=wording.known_as(known),
        where=clean(known.where),
        program=clean("; ".join(ops_in_words(known.program)), _LONGEST_MESSAGE),
        reason=wording.why_accepted(known),
        today=wording.status_in_words(status),
        in_force=isinstance(status, Stands),
        excuses=sum(each.known is known for each in verdict.excused),
    )


def _exchange(verdict: Verdict, command: Sequence[str], room: Room) -> ExchangeView | None:
    error, running = verdict.tally.broken, verdict.tally.running
    if error is None:
        return None
    program = () if running is None else running.program
    limits = None if running is None else running.limits
    ops = [each.op for each in program]
    lines = [clean(line, _LONGEST_LINE) for line in error.stderr.splitlines() if line.strip()]
    return ExchangeView(
        message=clean(error.message, _LONGEST_MESSAGE),
        where=wording.where_it_breaks(verdict),
        program=tuple(in_short(tuple(program))),
        again=again(verdict, ops, limits, command, room.command),
        stderr=tuple(lines[-_MOST_LINES:]),
    )


def again(
    verdict: Verdict,
    ops: Sequence[Turn],
    limits: Limits | None,
    command: Sequence[str],
    longest: int,
) -> str | None:
    """The command line that runs a program alone, in ASCII but for `command`, with big uniform
    chunks as fills whatever the implementation offers; None where it would be longer than that."""
    program = json.dumps(list(map(with_fills, ops)), separators=(",", ":"))
    if len(program) > longest:
        return None
    dialect = str(verdict.dialect)
    words = ["streamstate", "check"]
    words += ["--dialect", dialect] if dialect != "reference" else []
    words += ["--program", program]
    if limits is not None:
        words += ["--limits", f"{limits.high_water_mark},{limits.max_queue_chunks}"]
    return shlex.join([*words, "--", *command] if command else words)


def _in_the_nearest(verdict: Verdict, command: Sequence[str]) -> str | None:
    nearest = verdict.nearest
    if nearest is None or nearest.dialect == verdict.dialect or verdict.single:
        return None
    words = ["streamstate", "check", "--dialect", str(nearest.dialect)]
    return shlex.join([*words, "--", *command] if command else words)
