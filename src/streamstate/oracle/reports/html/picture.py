"""The table of one stream as a picture: all of it in grey, what deviates in colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from streamstate.model import Control, Dialect, Level, Phase, Rule
from streamstate.oracle.reports.html.arrows import Arrow, Taken, arrows, arrows_of, taken_in
from streamstate.oracle.verdict.deviation import Deviation

Role: TypeAlias = Literal["cause", "seen", "like"]


@dataclass(frozen=True, slots=True)
class Marked:
    """An arrow in colour, with the rules that are to blame on it and those that are seen there;
    with neither, it is only like one to blame: another arrow of the same rule."""

    arrow: Arrow
    causes: tuple[Rule, ...] = ()
    seen: tuple[Rule, ...] = ()

    @property
    def role(self) -> Role:
        """How it is drawn."""
        return "cause" if self.causes else "seen" if self.seen else "like"

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them."""
        return (*self.causes, *self.seen)

    @property
    def label(self) -> str:
        """What is written beside it."""
        seen = [f"seen at {', '.join(rule.name for rule in self.seen)}"] if self.seen else []
        return "; ".join([*(rule.name for rule in self.causes), *seen])


@dataclass(frozen=True, slots=True)
class Picture:
    """What the picture shows, and what the colours in it mean. Deletes, which go out from
    everywhere, are drawn as one arrow where they are not marked themselves: dashed where `deletes`
    has one that is like one to blame."""

    title: str
    caption: str
    table: Mapping[Arrow, tuple[Taken, ...]]
    marked: tuple[Marked, ...]
    deletes: tuple[Marked, ...]

    @property
    def description(self) -> str:
        """What is in colour, for those who do not see it."""
        return " ".join(map(_in_words, self.marked))

    @property
    def grey(self) -> dict[Arrow, tuple[Taken, ...]]:
        """The arrows that are drawn in grey, each with what takes it."""
        marked = {mark.arrow for mark in self.marked}
        return {
            arrow: taken
            for arrow, taken in self.table.items()
            if arrow not in marked and arrow.target is not Control.ABSENT
        }

    def ends(self, control: Control) -> bool:
        """Whether a marked arrow begins or ends there."""
        return any(control in (each.arrow.source, each.arrow.target) for each in self.marked)

    def reaches(self, control: Control) -> bool:
        """Whether an arrow of the table does."""
        return any(control in (each.source, each.target) for each in self.table)


_PHASES: Final = {
    Phase.ABSENT: "not there",
    Phase.WAITING: "open",
    Phase.OPEN: "open",
    Phase.CLOSED: "closed",
    Phase.ERRORED: "errored",
    Phase.CLOSED_ERRORED: "closed, errored",
}
_LEVELS: Final = {
    Level.EMPTY: "nothing queued",
    Level.SOME: "some queued",
    Level.FULL: "full",
}
_COLOURS: Final[dict[Role, str]] = {"cause": "red", "seen": "amber", "like": "dashed red"}


def picture_of(deviations: Sequence[Deviation], dialect: Dialect) -> Picture | None:
    """The table with the arrows of these deviations in colour; None where there are none, as for
    a clear where there are no streams."""
    marks = _merged(mark for each in deviations for mark in _marks(each, dialect))
    if not marks:
        return None
    causes = ", ".join(sorted({each.rule.name for each in deviations}))
    deletes = [
        each for each in marks if each.role == "like" and each.arrow.target is Control.ABSENT
    ]
    return Picture(
        title=f"Where the implementation leaves {dialect}: {causes}",
        caption=_caption({mark.role for mark in marks}),
        table=arrows(dialect),
        marked=tuple(each for each in marks if each not in deletes),
        deletes=tuple(deletes),
    )


def _marks(deviation: Deviation, dialect: Dialect) -> Iterator[Marked]:
    """What the program takes by the rule to blame, else all that the rule takes; then the like, and
    where it is seen, if that is elsewhere."""
    of_rule = tuple(arrows_of(dialect, deviation.rule))
    causes = taken_in(deviation, dialect, deviation.rule) or of_rule
    yield from (Marked(arrow, causes=(deviation.rule,)) for arrow in causes)
    yield from (Marked(arrow) for arrow in of_rule)
    seen_at = deviation.seen_at
    if seen_at is not deviation.rule:
        shown = taken_in(deviation, dialect, seen_at) or arrows_of(dialect, seen_at)
        yield from (Marked(arrow, seen=(seen_at,)) for arrow in shown)


def _merged(marks: Iterable[Marked]) -> list[Marked]:
    """One mark for each arrow."""
    merged: dict[Arrow, Marked] = {}
    for mark in marks:
        known = merged.get(mark.arrow, mark)
        causes = tuple(dict.fromkeys((*known.causes, *mark.causes)))
        seen = tuple(dict.fromkeys((*known.seen, *mark.seen)))
        merged[mark.arrow] = Marked(mark.arrow, causes, seen)
    return list(merged.values())


def _caption(roles: set[Role]) -> str:
    parts = ["The situations of one stream. Red: the probable cause"]
    parts += ["dashed: others of the same rule"] * ("like" in roles)
    parts += ["amber: where it is seen"] * ("seen" in roles)
    return "; ".join(parts) + "."


def phase_and_level(control: Control) -> tuple[str, str]:
    """A situation as two short texts; the second may be empty."""
    match control.phase:
        case Phase.ABSENT:
            return _PHASES[control.phase], ""
        case Phase.WAITING:
            return _PHASES[control.phase], "a pull waits"
        case phase:
            return _PHASES[phase], _LEVELS[control.level]


def situation(control: Control) -> str:
    """A situation in words."""
    return ", ".join(part for part in phase_and_level(control) if part)


def _in_words(mark: Marked) -> str:
    name = mark.label or "the same rule"
    way = f"from {situation(mark.arrow.source)} to {situation(mark.arrow.target)}"
    return f"{name} ({_COLOURS[mark.role]}): {way}."
