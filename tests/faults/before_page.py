"""The table of what was said before the suites of some kinds were there, and is said now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from streamstate.model import Rule
from tests.faults.before import Told, of_new_kinds, read_before
from tests.faults.fault import Fault, Group, Mode
from tests.faults.judging import Judged
from tests.faults.rows import Row
from tests.faults.summary import Asked

HEAD: Final = ("written in", "kind", "fault", "before", "now")

_KINDS: Final = {
    Group.JAVASCRIPT_BURSTS: "before quiet",
    Group.PYTHON_BURSTS: "before quiet",
    Group.KEPT: "what is kept",
    Group.TYPESCRIPT_KEPT: "what is kept",
    Group.RUST_KEPT: "what is kept",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A fault, what was said of it before, and what is said now; None where it conforms."""

    fault: Fault
    before: Told | None
    now: Judged | None

    @property
    def rightly_before(self) -> bool:
        """Whether the rule that was named first is one whose code is wrong."""
        return self.before is not None and Rule[self.before.rule] in self.fault.causes

    @property
    def rightly_now(self) -> bool:
        """The same now, or one that is named with it."""
        return Asked(self.fault, Mode.BLACK_BOX, self.now).right


def compared(rows: Mapping[str, Row]) -> tuple[Compared, ...]:
    """Each fault of these kinds that was put before both."""
    before = read_before()
    return tuple(
        Compared(fault, before[key], rows[key][Mode.BLACK_BOX])
        for key, fault in of_new_kinds().items()
        if key in before and key in rows
    )


def lines(rows: Mapping[str, Row], wrong: str) -> Iterator[tuple[str, ...]]:
    """A line for each, with that mark before a rule that is not the one; then what they add up
    to."""
    every = compared(rows)
    for each in every:
        group = each.fault.group
        yield (
            group.language,
            _KINDS.get(group, "memory"),
            f"`{each.fault.name}`",
            _said(each.before, each.rightly_before, wrong),
            _said(each.now, each.rightly_now, wrong),
        )
    yield (
        "sum",
        "",
        f"{len(every)} faults",
        _sum([(each.before is not None, each.rightly_before) for each in every]),
        _sum([(each.now is not None, each.rightly_now) for each in every]),
    )


def _said(told: Told | Judged | None, rightly: bool, wrong: str) -> str:
    if told is None:
        return "conforms"
    seen = "" if told.seen_at == told.rule else f", seen at {told.seen_at}"
    return f"{'' if rightly else wrong + ' '}{told.rule}{seen}, {told.length} ops"


def _sum(told: Sequence[tuple[bool, bool]]) -> str:
    """Of each, whether it is caught, and rightly named."""
    caught = sum(caught for caught, _ in told)
    right = sum(rightly for _, rightly in told)
    missed = len(told) - caught
    return f"{missed} conform, {caught - right} named by another rule, {right} rightly"
