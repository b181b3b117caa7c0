"""The table of one stream as a picture: all of it in grey, what deviates in colour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from streamstate.model import Control, Dialect, Event, Level, Phase, Rule
from streamstate.oracle.reports.html.arrows import Arrow, Taken, arrows, arrows_of, taken_in
from streamstate.oracle.reports.html.geometry import HEIGHT, WIDTH, Curve, Point, curve, place
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

    def label(self) -> str:
        """What is written beside it."""
        seen = [f"seen at {', '.join(rule.name for rule in self.seen)}"] if self.seen else []
        return "; ".join([*(rule.name for rule in self.causes), *seen])


@dataclass(frozen=True, slots=True)
class DrawnArrow:
    """An arrow as it is drawn: in grey with the ops that take it, in colour with a label that leads
    to a rule, each where there is something to say."""

    kind: str
    curve: Curve
    title: str
    op: str = ""
    op_at: Point | None = None
    label: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A situation as it is drawn."""

    kind: str
    middle: Point
    title: str
    phase: str
    level: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What the picture shows, and what the colours in it mean. Deletes, which go out from
    everywhere, are one arrow, the head of which is at `deletes_at`."""

    title: str
    description: str
    caption: str
    grey: tuple[DrawnArrow, ...]
    coloured: tuple[DrawnArrow, ...]
    boxes: tuple[DrawnBox, ...]
    deletes_at: Point
    deletes_kind: str


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
_NAMED_BETWEEN: Final = frozenset(
    {
        *(Control.ABSENT, Control.WAITING, Control.OPEN_EMPTY, Control.OPEN_SOME),
        *(Control.CLOSED_EMPTY, Control.ERRORED_EMPTY, Control.CLOSED_ERRORED_EMPTY),
    }
)
"""Arrows between these say which op takes them; those beside them mean the same."""
_BESIDE: Final = 11.0
_COLOURS: Final[dict[Role, str]] = {"cause": "red", "seen": "amber", "like": "dashed red"}


def picture_of(deviations: Sequence[Deviation], dialect: Dialect) -> Picture | None:
    """The table with the arrows of these deviations in colour; None where there are none, as for
    a clear where there are no streams."""
    table = arrows(dialect)
    merged = _merged(mark for each in deviations for mark in _marks(each, dialect))
    if not merged:
        return None
    marked = {arrow: mark for arrow, mark in merged.items() if not _is_one_of_many(mark)}
    ends = {end for arrow in marked for end in (arrow.source, arrow.target)}
    reachable = {end for arrow in table for end in (arrow.source, arrow.target)}
    causes = ", ".join(sorted({each.rule.name for each in deviations}))
    absent = place(Control.ABSENT)
    return Picture(
        title=f"Where the implementation leaves {dialect}: {causes}",
        description=" ".join(map(_in_words, marked.values())),
        caption=_caption({mark.role for mark in merged.values()}),
        grey=tuple(
            _grey(arrow, taken, both_ways=Arrow(arrow.target, arrow.source) in table)
            for arrow, taken in table.items()
            if arrow not in marked and arrow.target is not Control.ABSENT
        ),
        coloured=tuple(map(_coloured, marked.values())),
        boxes=tuple(_box(each, reachable, ends) for each in Control),
        deletes_at=Point(absent.x + WIDTH / 2 - 14, absent.y - HEIGHT / 2),
        deletes_kind="like" if len(merged) > len(marked) else "grey",
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


def _merged(marks: Iterable[Marked]) -> dict[Arrow, Marked]:
    """One mark for each arrow."""
    merged: dict[Arrow, Marked] = {}
    for mark in marks:
        known = merged.get(mark.arrow, mark)
        causes = tuple(dict.fromkeys((*known.causes, *mark.causes)))
        seen = tuple(dict.fromkeys((*known.seen, *mark.seen)))
        merged[mark.arrow] = Marked(mark.arrow, causes, seen)
    return merged


def _is_one_of_many(mark: Marked) -> bool:
    """Whether it is a delete that is only like one to blame: these are drawn as one arrow."""
    return mark.role == "like" and mark.arrow.target is Control.ABSENT


def _caption(roles: set[Role]) -> str:
    parts = ["The situations of one stream. Red: the probable cause"]
    parts += ["dashed: others of the same rule"] * ("like" in roles)
    parts += ["amber: where it is seen"] * ("seen" in roles)
    return "; ".join(parts) + "."


def _grey(arrow: Arrow, taken: tuple[Taken, ...], *, both_ways: bool) -> DrawnArrow:
    """An arrow of the table."""
    drawn = curve(arrow)
    by = ", ".join(f"{_op(each.event)} ({each.rule.name})" for each in taken)
    title = f"{situation(arrow.source)} → {situation(arrow.target)}: {by}"
    if arrow.source is arrow.target or not {arrow.source, arrow.target} <= _NAMED_BETWEEN:
        return DrawnArrow("grey", drawn, title)
    ops = " ".join(dict.fromkeys(_op(each.event) for each in taken))
    at = drawn.label.beside(drawn.end, _BESIDE) if both_ways else drawn.label
    return DrawnArrow("grey", drawn, title, ops, at)


def _op(event: Event) -> str:
    return event.name.lower()


def _coloured(mark: Marked) -> DrawnArrow:
    rules = (*mark.causes, *mark.seen)
    said = " ".join(f"{rule.name}: {rule.value}" for rule in rules)
    return DrawnArrow(
        kind=mark.role,
        curve=curve(mark.arrow),
        title=said or "of the same rule as another that is to blame",
        label=mark.label(),
        link=rules[0].name if rules else "",
    )


def _box(control: Control, reachable: Collection[Control], ends: Collection[Control]) -> DrawnBox:
    never = control not in reachable
    return DrawnBox(
        "box" + " marked" * (control in ends) + " never" * never,
        place(control),
        situation(control) + ", never reached" * never,
        *_phase_and_level(control),
    )


def _phase_and_level(control: Control) -> tuple[str, str]:
    match control.phase:
        case Phase.ABSENT:
            return _PHASES[control.phase], ""
        case Phase.WAITING:
            return _PHASES[control.phase], "a pull waits"
        case phase:
            return _PHASES[phase], _LEVELS[control.level]


def situation(control: Control) -> str:
    """A situation in words."""
    return ", ".join(part for part in _phase_and_level(control) if part)


def _in_words(mark: Marked) -> str:
    """What is in colour, for those who do not see it."""
    name = mark.label() or "the same rule"
    way = f"from {situation(mark.arrow.source)} to {situation(mark.arrow.target)}"
    return f"{name} ({_COLOURS[mark.role]}): {way}."
