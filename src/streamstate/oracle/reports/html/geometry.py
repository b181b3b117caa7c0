"""Where the situations stand in the picture, and how arrows run between them.

Closing goes to the right, an error goes down, and a fuller queue stands higher and further right:
a cube seen from the side, so that no straight arrow runs behind a box that it has nothing to do
with. The one that waits and the one that is not there stand on the left.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import hypot
from typing import Final

from streamstate.model import Control, Level, Phase
from streamstate.oracle.reports.html.arrows import Arrow

WIDTH: Final = 112
HEIGHT: Final = 38
VIEW_BOX: Final = "-256 -222 976 528"

_CLOSED: Final = (376.0, 0.0)
_ERRORED: Final = (0.0, 240.0)
_FULLER: Final = (138.0, -78.0)
_LEFT: Final = -196.0
_APART: Final = 5.0
_HEAD: Final = 8.0
_MARGIN: Final = 6.0
_HALF_A_LABEL: Final = 30.0
_LABELLED: Final = 0.6
"""Where a straight arrow has its label: not in the middle, where others cross it."""
_BESIDE: Final = 11.0
_NAMED_BETWEEN: Final = frozenset(
    {
        *(Control.ABSENT, Control.WAITING, Control.OPEN_EMPTY, Control.OPEN_SOME),
        *(Control.CLOSED_EMPTY, Control.ERRORED_EMPTY, Control.CLOSED_ERRORED_EMPTY),
    }
)
"""Arrows between these say which op takes them; those beside them mean the same."""


@dataclass(frozen=True, slots=True)
class Point:
    """In units of the picture; y grows downwards."""

    x: float
    y: float

    def towards(self, other: Point, part: float) -> Point:
        """The point that lies that part of the way to `other`."""
        return Point(self.x + (other.x - self.x) * part, self.y + (other.y - self.y) * part)

    def beside(self, other: Point, distance: float) -> Point:
        """Moved to the left of the way to `other`, seen along it with y downwards."""
        length = hypot(other.x - self.x, other.y - self.y) or 1.0
        x, y = (other.x - self.x) / length, (other.y - self.y) / length
        return Point(self.x + y * distance, self.y - x * distance)


@dataclass(frozen=True, slots=True)
class Curve:
    """A quadratic curve with a head, and where its label goes."""

    start: Point
    bend: Point
    end: Point
    label: Point

    def path(self) -> str:
        """The line, as SVG has it."""
        return (
            f"M{self.start.x:.1f} {self.start.y:.1f}"
            f"Q{self.bend.x:.1f} {self.bend.y:.1f} {self.end.x:.1f} {self.end.y:.1f}"
        )

    def head(self) -> str:
        """The three corners of the head."""
        back = self.end.towards(self.bend, _HEAD / max(_distance(self.end, self.bend), _HEAD))
        corners = (self.end, back.beside(self.end, _HEAD / 2), back.beside(self.end, -_HEAD / 2))
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in corners)


def _distance(one: Point, other: Point) -> float:
    return hypot(one.x - other.x, one.y - other.y)


def place(control: Control) -> Point:
    """The middle of its box."""
    match control.phase:
        case Phase.ABSENT:
            return Point(_LEFT, 2 * _FULLER[1])
        case Phase.WAITING:
            return Point(_LEFT, 0)
        case phase:
            closed, errored, level = phase.closed, phase.errored, control.level
            return Point(
                closed * _CLOSED[0] + errored * _ERRORED[0] + level * _FULLER[0],
                closed * _CLOSED[1] + errored * _ERRORED[1] + level * _FULLER[1],
            )


def curve(arrow: Arrow) -> Curve:
    """How an arrow runs. O(1)."""
    if arrow.source is arrow.target:
        return _loop(arrow.source)
    start, end = place(arrow.source), place(arrow.target)
    bend = start.towards(end, 0.5).beside(end, _bent(arrow))
    if arrow.target is not Control.ABSENT:  # the way back, where there is one, keeps to its side
        start, bend, end = _shifted(start, bend, end)
    start, end = _edge(arrow.source, start, bend), _edge(arrow.target, end, bend)
    return Curve(start, bend, end, _label(start, bend, end, 0.5 if _bent(arrow) else _LABELLED))


def is_named(arrow: Arrow) -> bool:
    """Whether the op that takes it is written beside it."""
    return arrow.source is not arrow.target and {arrow.source, arrow.target} <= _NAMED_BETWEEN


def op_place(arrow: Arrow, table: Collection[Arrow]) -> Point:
    """Where that is: further away where another arrow leads back."""
    drawn = curve(arrow)
    both_ways = Arrow(arrow.target, arrow.source) in table
    return drawn.label.beside(drawn.end, _BESIDE) if both_ways else drawn.label


def deletes_place() -> Point:
    """Where the head of the arrow is that stands for all deletes."""
    absent = place(Control.ABSENT)
    return Point(absent.x + WIDTH / 2 - 14, absent.y - HEIGHT / 2)


def _label(start: Point, bend: Point, end: Point, preferred: float) -> Point:
    """A point of the curve that lies near that part of the way along it, and on no box."""
    parts = (preferred, 0.4, 0.3, 0.2, 0.7, 0.8)
    points = [start.towards(bend, part).towards(bend.towards(end, part), part) for part in parts]
    return next((point for point in points if not _on_a_box(point)), points[0])


def _on_a_box(point: Point) -> bool:
    middles = map(place, Control)
    return any(
        abs(point.x - middle.x) < WIDTH / 2 + _HALF_A_LABEL
        and abs(point.y - middle.y) < HEIGHT / 2 + _MARGIN
        for middle in middles
    )


def _bent(arrow: Arrow) -> float:
    """How far an arrow swings to the left of its way, so that it passes a box in between."""
    source, target = arrow.source, arrow.target
    if target is Control.ABSENT:
        return 0.0 if source is Control.WAITING else 60.0 * (1 if source.phase.errored else -1)
    if source is Control.WAITING and target.phase is Phase.CLOSED:
        return -120.0
    skips = abs(source.level - target.level) == Level.FULL and source.phase is target.phase
    return 96.0 if skips else 0.0


def _shifted(start: Point, bend: Point, end: Point) -> tuple[Point, Point, Point]:
    moved = start.beside(end, _APART), end.beside(start, -_APART)
    by_x, by_y = moved[0].x - start.x, moved[0].y - start.y
    return moved[0], Point(bend.x + by_x, bend.y + by_y), moved[1]


def _edge(control: Control, inside: Point, outside: Point) -> Point:
    """Where the way from a point in a box to one that is not in it leaves the box."""
    middle = place(control)
    across = _leaving(inside.x - middle.x, outside.x - inside.x, WIDTH / 2)
    along = _leaving(inside.y - middle.y, outside.y - inside.y, HEIGHT / 2)
    return inside.towards(outside, min(across, along))


def _leaving(begin: float, way: float, half: float) -> float:
    """Which part of the way it is to the side of a box, from `begin` beside its middle."""
    if way == 0:
        return 1.0
    return (half - begin) / way if way > 0 else (-half - begin) / way


def _loop(control: Control) -> Curve:
    """Above its box, or below it where an error leads down to it."""
    middle, side = place(control), 1 if control.phase.errored else -1
    edge = middle.y + side * HEIGHT / 2
    start, end = Point(middle.x - 34, edge), Point(middle.x - 8, edge)
    bend = Point(middle.x - 21, edge + side * 40)
    return Curve(start, bend, end, Point(middle.x - 21, edge + side * 29))
