"""Draws the machine of one stream: in one dialect, or in two with their differences."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from streamstate.model import Dialect, Event, Phase, Rule
from streamstate.pictures.svg import arrow, drawing, shape, text, written
from streamstate.pictures.ways import Way, in_order, ways

_WIDTH: Final = 246.0
_LINE: Final = 18.0
_COLUMNS: Final = (24.0, 400.0, 776.0)
_GAP: Final = 96.0
_TOP: Final = 92.0

_PLACES: Final[Mapping[Phase, tuple[int, int]]] = {
    Phase.WAITING: (1, 0),
    Phase.PUSHES_WAITING: (0, 0),
    Phase.CLOSING: (2, 0),
    Phase.ABSENT: (0, 1),
    Phase.OPEN: (1, 1),
    Phase.CLOSED: (2, 1),
    Phase.ERRORED: (1, 2),
    Phase.CLOSED_ERRORED: (2, 2),
}
"""The column and row of each phase. Closing leads to the right, an error leads down. Where no push
waits, the place for that stays empty."""

_WORDS: Final[Mapping[Phase, str]] = {
    Phase.ABSENT: "no such stream",
    Phase.WAITING: "open, and a pull waits",
    Phase.PUSHES_WAITING: "open and full, and pushes wait",
    Phase.CLOSING: "closed and full, and pushes wait",
    Phase.OPEN: "open, and no pull waits",
    Phase.CLOSED: "closed",
    Phase.ERRORED: "errored",
    Phase.CLOSED_ERRORED: "closed and errored",
}

_OF_PULLS: Final[Mapping[Event, str]] = {
    Event.CANCEL_WAITING: ", waiting",
    Event.CANCEL_HANDED: ", handed",
}
"""The state of the pull in the events of cancel; for other events the rules say all by their
names."""

_MARKS: Final = {"": "", "one": "◂ ", "other": "▸ ", "bad": "✗ ", "seen": "◦ "}
"""Marks besides colour: only in the first dialect, only in the second, to blame, seen there."""


class _Line(NamedTuple):
    """One event in words, with its rules, and the dialect that alone has it (empty: both)."""

    words: str
    kind: str


class _Box(NamedTuple):
    x: float
    y: float
    height: float

    def at(self, across: float, down: float) -> tuple[float, float]:
        return self.x + across * _WIDTH, self.y + down * self.height


def state_diagram(dialect: Dialect, other: Dialect | None = None) -> str:
    """The machine of a stream in `dialect`; with `other`, what is so only in one of the two is
    marked. O(table)."""
    return written(machine(dialect, other))


def machine(dialect: Dialect, other: Dialect | None = None) -> Element:
    """The same picture, as a tree that can be placed in a page."""
    title = f"A stream in {dialect}" if other is None else f"{dialect} ◂ ▸ {other}"
    return _drawn(
        _kinds(dialect, dialect if other is None else other), title, _legend(dialect, other)
    )


def machine_left(dialect: Dialect, causes: Collection[Rule], seen: Collection[Rule]) -> Element:
    """The machine in `dialect`, with the rules marked that are to blame where an implementation
    leaves it, and those at which that is seen. O(table)."""
    kinds = {
        way: "bad" if way.rule in causes else "seen" if way.rule in seen else ""
        for way in ways(dialect)
    }
    legend = "Marked ✗: probably the cause. Marked ◦: where it is seen."
    return _drawn(kinds, f"Where the implementation leaves {dialect}", legend)


def _drawn(kinds: Mapping[Way, str], title: str, legend: str) -> Element:
    boxes = _boxes(kinds)
    bottom = max(box.y + box.height for box in boxes.values())
    root = drawing(_COLUMNS[-1] + _WIDTH + 24, bottom + 24, title, _in_words(kinds))
    text(root, title, _COLUMNS[0], 34, "title")
    text(root, legend, _COLUMNS[0], 56, "soft")
    for source, target in dict.fromkeys((way.source, way.target) for way in kinds):
        if source is not target and target is not Phase.ABSENT:
            _draw_way(root, boxes, source, target, kinds)
    for phase, box in boxes.items():
        _draw_box(root, phase, box, _inside(phase, kinds))
    return root


def _kinds(one: Dialect, other: Dialect) -> dict[Way, str]:
    """The ways of both dialects, each with the dialect that alone has it."""
    mine, theirs = ways(one), ways(other)
    return {
        way: "" if way in mine and way in theirs else "one" if way in mine else "other"
        for way in in_order({*mine, *theirs})
    }


def _legend(dialect: Dialect, other: Dialect | None) -> str:
    if other is None:
        return "What leads from one phase to another, and in each what happens without leaving it."
    return f"Marked ◂: only in {dialect}. Marked ▸: only in {other}. The rest is in both."


def _lines(chosen: Sequence[tuple[Way, str]], suffix: str = "") -> list[_Line]:
    """One line for each event and dialect."""
    ordered = sorted(chosen, key=lambda each: (each[0].event, each[1]))
    return [
        _Line(f"{_MARKS[kind]}{_rules(list(group))}{_OF_PULLS.get(event, '')}{suffix}", kind)
        for (event, kind), group in groupby(ordered, key=lambda each: (each[0].event, each[1]))
    ]


def _rules(group: Sequence[tuple[Way, str]]) -> str:
    """The rules' ids: the first with its op, the others as numbers."""
    first, *more = dict.fromkeys(way.rule.name for way, _ in group)
    return ", ".join([first, *(each.rpartition("_")[2] for each in more)])


def _inside(phase: Phase, kinds: Mapping[Way, str]) -> list[_Line]:
    """What happens in a phase without leading to another one that the picture has."""
    here = [(way, kind) for way, kind in kinds.items() if way.source is phase]
    stays = _lines([each for each in here if each[0].target is phase])
    gone = _lines([each for each in here if each[0].target is Phase.ABSENT], " → ABSENT")
    return [*stays, *(gone if phase is not Phase.ABSENT else [])]


def _boxes(kinds: Mapping[Way, str]) -> dict[Phase, _Box]:
    met = {phase for way in kinds for phase in (way.source, way.target)}
    places = {
        phase: place
        for phase, place in _PLACES.items()
        if phase not in (Phase.PUSHES_WAITING, Phase.CLOSING) or phase in met
    }
    heights = {phase: 52 + _LINE * len(_inside(phase, kinds)) for phase in places}
    tops = [_TOP]
    for row in range(2):
        tallest = max(heights[phase] for phase, place in places.items() if place[1] == row)
        tops.append(tops[-1] + tallest + _GAP)
    return {
        phase: _Box(_COLUMNS[column], tops[row], heights[phase])
        for phase, (column, row) in places.items()
    }


def _draw_box(root: Element, phase: Phase, box: _Box, lines: Sequence[_Line]) -> None:
    shape(root, "rect", "box", x=box.x, y=box.y, width=_WIDTH, height=box.height, rx=9)
    text(root, phase.name, box.x + 14, box.y + 22, "name")
    text(root, _WORDS[phase], box.x + 14, box.y + 39, "soft")
    for number, line in enumerate(lines):
        y = box.y + 60 + number * _LINE
        text(root, line.words, box.x + 14, y, line.kind or "soft")


def _draw_way(
    root: Element,
    boxes: Mapping[Phase, _Box],
    source: Phase,
    target: Phase,
    kinds: Mapping[Way, str],
) -> None:
    """An arrow, and beside it the events that take it."""
    points, (x, y), anchor = _route(boxes, source, target)
    chosen = [item for item in kinds.items() if item[0][::3] == (source, target)]
    found = {kind for _, kind in chosen}
    marked = next((kind for kind in ("bad", "seen") if kind in found), "")
    arrow(root, points, found.pop() if len(found) == 1 else marked)
    lines = _lines(chosen)
    for number, line in enumerate(lines):
        row = y + (number - len(lines) + 1 if anchor == "above" else number) * _LINE
        side = {"above": "middle", "left": "end", "right": ""}[anchor]
        text(root, line.words, x, row, f"halo {line.kind or 'soft'} {side}".strip())


_Points = tuple[tuple[float, float], ...]


def _route(
    boxes: Mapping[Phase, _Box], source: Phase, target: Phase
) -> tuple[_Points, tuple[float, float], str]:
    """Where an arrow runs, where its words are, and on which side of it."""
    start, end = boxes[source], boxes[target]
    match source, target:
        case Phase.OPEN, Phase.WAITING:
            points = (start.at(0.3, 0), end.at(0.3, 1))
            return points, _beside(points, -8), "left"
        case Phase.WAITING, Phase.OPEN:
            points = (start.at(0.7, 1), end.at(0.7, 0))
            return points, _beside(points, 8), "right"
        case Phase.WAITING, Phase.CLOSED:
            corner = (end.at(0.5, 0)[0], start.at(1, 0.5)[1])
            return (start.at(1, 0.5), corner, end.at(0.5, 0)), (corner[0], corner[1] - 10), "above"
        case Phase.WAITING, Phase.ERRORED:
            out, into = start.at(0, 0.5), end.at(0, 0.5)
            aside = start.x - 22
            way = (out, (aside, out[1]), (aside, into[1]), into)
            return way, (aside - 8, into[1]), "left"
        case (_, Phase.PUSHES_WAITING | Phase.CLOSING) | (Phase.PUSHES_WAITING | Phase.CLOSING, _):
            return _route_of_waiting_pushes(boxes, source, target)
        case _ if start.y == end.y:
            level = min(start.height, end.height) / 2 / start.height
            leave = start.at(1, level)
            points = (leave, (end.x, leave[1]))
            return points, ((leave[0] + end.x) / 2, leave[1] - 10), "above"
        case _:
            points = (start.at(0.5, 1), end.at(0.5, 0))
            return points, _beside(points, 8), "right"


def _route_of_waiting_pushes(
    boxes: Mapping[Phase, _Box], source: Phase, target: Phase
) -> tuple[_Points, tuple[float, float], str]:
    """The same for an arrow between a phase in which pushes wait and another."""
    start, end = boxes[source], boxes[target]
    match source, target:
        case Phase.OPEN, Phase.PUSHES_WAITING:
            aside, turn = start.at(0.05, 0)[0], end.at(0, 1)[1] + 40
            bent = (start.at(0.05, 0), (aside, turn), end.at(0.9, 1))
            return bent, (aside - 120, turn + 22), "left"
        case Phase.PUSHES_WAITING, Phase.OPEN:
            points = (start.at(1, 0.6), end.at(0.15, 0))
            return points, (start.at(1, 0)[0] + 8, start.at(1, 0.6)[1] - 34), "right"
        case Phase.PUSHES_WAITING, Phase.CLOSED:
            over, into = start.y - 14, end.at(0.8, 0)
            way = (start.at(0.5, 0), (start.at(0.5, 0)[0], over), (into[0], over), into)
            return way, (into[0] + 8, into[1] - 30), "right"
        case Phase.PUSHES_WAITING, Phase.CLOSING:
            over, into = start.y - 14, end.at(0.5, 0)
            way = (start.at(0.5, 0), (start.at(0.5, 0)[0], over), (into[0], over), into)
            return way, (into[0] - 20, over + 24), "left"
        case Phase.CLOSING, Phase.CLOSED:
            points = (start.at(0.5, 1), end.at(0.5, 0))
            return points, _beside(points, 8), "right"
        case Phase.CLOSING, Phase.CLOSED_ERRORED:
            out, into = start.at(1, 0.5), end.at(1, 0.5)
            aside = start.x + _WIDTH + 18
            way = (out, (aside, out[1]), (aside, into[1]), into)
            return way, (aside - 8, into[1] - 30), "left"
        case Phase.PUSHES_WAITING, Phase.ERRORED:
            out, into = start.at(0, 0.5), end.at(0, 0.8)
            way = (out, (start.x - 12, out[1]), (start.x - 12, into[1]), into)
            return way, (into[0] - 190, into[1] - 10), "above"
        case _:
            raise AssertionError(f"no arrow leads from {source.name} to {target.name}")


def _beside(points: _Points, distance: float) -> tuple[float, float]:
    (x, y), (_, other) = points
    return x + distance, (y + other) / 2


def _in_words(kinds: Mapping[Way, str]) -> str:
    """The whole picture in words, for those who do not see it."""
    said = {
        "": "",
        "one": " only in the first",
        "other": " only in the second",
        "bad": ", probably the cause",
        "seen": ", where it is seen",
    }
    return " ".join(
        f"{way.rule.name}{_OF_PULLS.get(way.event, '')}: {way.source.name} to {way.target.name}"
        f"{said[kind]}."
        for way, kind in kinds.items()
    )
