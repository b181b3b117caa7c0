"""The machine of one stream as a picture: the table in grey, what deviates in colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from streamstate.model import Control, Dialect, Event, Level, Phase, Rule
from streamstate.oracle.reports.html.arrows import Arrow, Taken, arrows, arrows_of, taken_in
from streamstate.oracle.reports.html.elements import Element, element
from streamstate.oracle.reports.html.geometry import HEIGHT, VIEW_BOX, WIDTH, Point, curve, place
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
class Picture:
    """A picture, and what the colours in it mean."""

    drawing: Element
    caption: str


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


def picture_of(deviations: Sequence[Deviation], dialect: Dialect, name: str) -> Picture | None:
    """The machine with the arrows of these deviations in colour; None where there are none, as for
    a clear where there are no streams. `name` is unique on the page."""
    marks = [mark for each in deviations for mark in _marks(each, dialect)]
    causes = {each.rule.name for each in deviations}
    title = f"Where the implementation leaves {dialect}: {', '.join(sorted(causes))}"
    return _picture(dialect, marks, name, title) if marks else None


def _marks(deviation: Deviation, dialect: Dialect) -> Iterator[Marked]:
    """Where the rule to blame is taken, and where that is seen, if that is elsewhere."""
    yield from _blamed(deviation, dialect)
    seen_at = deviation.seen_at
    if seen_at is not deviation.rule:
        shown = taken_in(deviation, dialect, seen_at) or arrows_of(dialect, seen_at)
        yield from (Marked(arrow, seen=(seen_at,)) for arrow in shown)


def _blamed(deviation: Deviation, dialect: Dialect) -> Iterator[Marked]:
    """What the program takes by the rule to blame, else all that the rule takes; then the like."""
    of_rule = tuple(arrows_of(dialect, deviation.rule))
    causes = taken_in(deviation, dialect, deviation.rule) or of_rule
    yield from (Marked(arrow, causes=(deviation.rule,)) for arrow in causes)
    yield from (Marked(arrow) for arrow in of_rule)


def _merged(marks: Iterable[Marked]) -> dict[Arrow, Marked]:
    """One mark for each arrow."""
    merged: dict[Arrow, Marked] = {}
    for mark in marks:
        known = merged.get(mark.arrow, mark)
        causes = tuple(dict.fromkeys((*known.causes, *mark.causes)))
        seen = tuple(dict.fromkeys((*known.seen, *mark.seen)))
        merged[mark.arrow] = Marked(mark.arrow, causes, seen)
    return merged


def _picture(dialect: Dialect, marks: Iterable[Marked], name: str, title: str) -> Picture:
    table, merged = arrows(dialect), _merged(marks)
    marked = {arrow: mark for arrow, mark in merged.items() if not _is_one_of_many(mark)}
    ends = {end for arrow in marked for end in (arrow.source, arrow.target)}
    reachable = {end for arrow in table for end in (arrow.source, arrow.target)}
    grey = (
        _grey(arrow, taken, both_ways=Arrow(arrow.target, arrow.source) in table)
        for arrow, taken in table.items()
        if arrow not in marked and arrow.target is not Control.ABSENT
    )
    drawing = element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", " ".join(map(_in_words, marked.values())), id=f"{name}-desc"),
        element("g", *grey, _deletes("like" if len(merged) > len(marked) else "grey")),
        element("g", *map(_coloured, marked.values())),
        element("g", *(_box(each, each in reachable, each in ends) for each in Control)),
        element("g", *(_label(mark) for mark in marked.values() if mark.role != "like")),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=VIEW_BOX,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="machine",
    )
    return Picture(drawing, _caption({mark.role for mark in merged.values()}))


def _is_one_of_many(mark: Marked) -> bool:
    """Whether it is a delete that is only like one to blame: these are drawn as one arrow."""
    return mark.role == "like" and mark.arrow.target is Control.ABSENT


def _caption(roles: set[Role]) -> str:
    parts = ["The situations of one stream. Red: the probable cause"]
    parts += ["dashed: others of the same rule"] * ("like" in roles)
    parts += ["amber: where it is seen"] * ("seen" in roles)
    return "; ".join(parts) + "."


def _grey(arrow: Arrow, taken: tuple[Taken, ...], *, both_ways: bool) -> Element:
    """An arrow of the table."""
    drawn = curve(arrow)
    title = element("title", _taken_in_words(arrow, taken))
    parts = [title, element("path", d=drawn.path()), element("polygon", points=drawn.head())]
    if arrow.source is not arrow.target and {arrow.source, arrow.target} <= _NAMED_BETWEEN:
        names = " ".join(dict.fromkeys(_op(each.event) for each in taken))
        at = drawn.label.beside(drawn.end, _BESIDE) if both_ways else drawn.label
        parts.append(_text(at, names, "op"))
    return element("g", *parts, class_="grey")


def _deletes(kind: str) -> Element:
    """Deletes, which go out from everywhere, as one arrow."""
    end = place(Control.ABSENT)
    x, y = end.x + WIDTH / 2 - 14, end.y - HEIGHT / 2
    return element(
        "g",
        element("title", "delete and clear, from any situation"),
        element("path", d=f"M{x:.0f} {y - 30:.0f}V{y - 8:.0f}"),
        element(
            "polygon", points=f"{x:.0f},{y:.0f} {x - 4:.0f},{y - 8:.0f} {x + 4:.0f},{y - 8:.0f}"
        ),
        element("text", "delete, clear:", x=x + 10, y=y - 22, class_="op start"),
        element("text", "from anywhere", x=x + 10, y=y - 9, class_="op start"),
        class_=kind,
    )


def _coloured(mark: Marked) -> Element:
    drawn = curve(mark.arrow)
    said = [f"{rule.name}: {rule.value}" for rule in (*mark.causes, *mark.seen)]
    return element(
        "g",
        element("title", " ".join(said) or "of the same rule as another that is to blame"),
        element("path", d=drawn.path()),
        element("polygon", points=drawn.head()),
        class_=mark.role,
    )


def _label(mark: Marked) -> Element:
    (first, *_) = (*mark.causes, *mark.seen)
    label = _text(curve(mark.arrow).label, mark.label(), "label")
    return element("g", element("a", label, href=f"#{first.name}"), class_=mark.role)


def _text(at: Point, text: str, kind: str) -> Element:
    return element("text", text, x=at.x, y=at.y + 4, class_=kind)


def _box(control: Control, reachable: bool, marked: bool) -> Element:
    middle = place(control)
    kind = "box" + " marked" * marked + " never" * (not reachable)
    first, second = _phase_and_level(control)
    return element(
        "g",
        element("title", situation(control) + ", never reached" * (not reachable)),
        element(
            "rect",
            x=middle.x - WIDTH / 2,
            y=middle.y - HEIGHT / 2,
            width=WIDTH,
            height=HEIGHT,
            rx=7,
        ),
        element("text", first, x=middle.x, y=middle.y + (-2 if second else 4)),
        *([element("text", second, x=middle.x, y=middle.y + 12, class_="level")] * bool(second)),
        class_=kind,
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


def _taken_in_words(arrow: Arrow, taken: tuple[Taken, ...]) -> str:
    by = ", ".join(f"{_op(each.event)} ({each.rule.name})" for each in taken)
    return f"{situation(arrow.source)} → {situation(arrow.target)}: {by}"


def _op(event: Event) -> str:
    return event.name.lower()


_ROLES: Final[dict[Role, str]] = {"cause": "red", "seen": "amber", "like": "dashed red"}


def _in_words(mark: Marked) -> str:
    """What is in colour, for those who do not see it."""
    name = mark.label() or "the same rule"
    way = f"from {situation(mark.arrow.source)} to {situation(mark.arrow.target)}"
    return f"{name} ({_ROLES[mark.role]}): {way}."
