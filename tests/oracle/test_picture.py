"""The picture of a deviation: the table as arrows between boxes, and the cause in colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import hypot
from xml.etree.ElementTree import Element, fromstring

import pytest

from streamstate.model import REFERENCE, Clear, Close, Control, Create, Pull, Push, Rule, lattice
from streamstate.oracle.programs.rulesets import RULES, bit_of, reachable_rules
from streamstate.oracle.reports.html import as_html
from streamstate.oracle.reports.html.arrows import Arrow, arrows, arrows_of, taken_in
from streamstate.oracle.reports.html.geometry import (
    HEIGHT,
    VIEW_BOX,
    WIDTH,
    Curve,
    Point,
    curve,
    place,
)
from streamstate.oracle.reports.html.picture import picture_of
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import Json
from tests.oracle.reported import deviation_at_the_end, verdict_of

SVG = "{http://www.w3.org/2000/svg}"


def page_of(verdict: Verdict) -> str:
    return as_html(verdict).removeprefix("<!DOCTYPE html>\n")


def pictures(kind: str) -> list[Element]:
    return machines(fromstring(page_of(verdict_of(kind))))


def machines(page: Element) -> list[Element]:
    """The pictures of where the implementation leaves the table."""
    return [each for each in page.iter(f"{SVG}svg") if each.get("class") == "machine"]


def text_of(found: Element) -> str:
    return "".join(found.itertext())


def test_the_cause_is_in_colour_on_the_arrow_that_the_program_takes() -> None:
    (deviation,) = verdict_of("one cause").deviations
    taken = Arrow(Control.WAITING, Control.CLOSED_EMPTY)
    assert taken_in(deviation, REFERENCE, Rule.CLOSE_2) == (taken,)
    (picture,) = pictures("one cause")
    causes = [each for each in picture.iter(f"{SVG}g") if each.get("class") == "cause"]
    assert [text_of(each).strip() for each in causes] == [
        f"CLOSE_2: {Rule.CLOSE_2.value}",
        "CLOSE_2",
    ]
    assert causes[0].find(f"{SVG}path").get("d") == curve(taken).path()  # type: ignore[union-attr]
    said = text_of(picture.find(f"{SVG}desc"))  # type: ignore[arg-type]
    assert said == "CLOSE_2 (red): from open, a pull waits to closed, nothing queued."


@pytest.mark.parametrize("kind", ["two causes", "another dialect"])
def test_there_is_one_picture_of_all_causes(kind: str) -> None:
    (whole,) = pictures(kind)
    labels = [text_of(each) for each in whole.iter(f"{SVG}text") if each.get("class") == "label"]
    assert {label for label in labels if not label.startswith("seen at ")} == {
        each.rule.name for each in verdict_of(kind).deviations
    }


def test_a_cause_that_is_seen_elsewhere_is_red_there_and_amber_here() -> None:
    stack: Json = [None, [[1, "value", "Yg=="]]]
    program = (Create(), Push(1, b"a"), Push(1, b"b"), Close(1), Pull(1))
    one = deviation_at_the_end(Rule.PUSH_5, Rule.PULL_4, stack, *program)
    page = fromstring(page_of(replace(verdict_of("one cause"), deviations=(one,))))
    caption = text_of(page.find(".//figcaption"))  # type: ignore[arg-type]
    assert caption.endswith("dashed: others of the same rule; amber: where it is seen.")
    (svg,) = machines(page)
    labels = [text_of(each) for each in svg.iter(f"{SVG}text") if each.get("class") == "label"]
    assert labels == ["PUSH_5", "seen at PULL_4"]
    paths = {
        path.get("d"): group.get("class")
        for group in svg.iter(f"{SVG}g")
        for path in group.findall(f"{SVG}path")
    }
    assert paths[curve(Arrow(Control.OPEN_SOME, Control.OPEN_SOME)).path()] == "cause"
    assert paths[curve(Arrow(Control.CLOSED_SOME, Control.CLOSED_SOME)).path()] == "seen"
    assert paths[curve(Arrow(Control.OPEN_EMPTY, Control.OPEN_SOME)).path()] == "like"


def test_a_clear_is_a_delete_of_every_stream_and_of_none_no_picture() -> None:
    program = (Create(), Create(), Pull(2), Clear())
    one = deviation_at_the_end(Rule.CLEAR_2, Rule.CLEAR_2, [True, []], *program)
    assert taken_in(one, REFERENCE, Rule.CLEAR_2) == (
        Arrow(Control.OPEN_EMPTY, Control.ABSENT),
        Arrow(Control.WAITING, Control.ABSENT),
    )
    none = deviation_at_the_end(Rule.CLEAR_1, Rule.CLEAR_1, [True, []], Clear())
    assert picture_of([none], REFERENCE) is None


def test_the_picture_has_every_situation_and_every_arrow_of_the_table() -> None:
    (picture,) = pictures("one cause")
    boxes = [each for each in picture.iter(f"{SVG}g") if "box" in (each.get("class") or "")]
    assert len(boxes) == len(Control)
    drawn = {each.get("d") for each in picture.iter(f"{SVG}path")}
    wanted = {
        curve(arrow).path() for arrow in arrows(REFERENCE) if arrow.target is not Control.ABSENT
    }
    assert wanted <= drawn


def test_the_arrows_are_those_of_the_table() -> None:
    fired = {each.rule for taken in arrows(REFERENCE).values() for each in taken}
    reachable = reachable_rules(REFERENCE)
    of_streams = {rule for rule in RULES if reachable & bit_of(rule)}
    assert of_streams - fired == {Rule.CLEAR_1, Rule.CLEAR_2}
    assert fired <= of_streams
    assert list(arrows_of(REFERENCE, Rule.CLOSE_2)) == [
        Arrow(Control.WAITING, Control.CLOSED_EMPTY)
    ]


@cache
def all_arrows() -> list[tuple[Control, Control]]:
    return sorted(
        {
            (arrow.source, arrow.target)
            for dialect in lattice()
            for arrow in arrows(dialect)
            if arrow.target is not Control.ABSENT
        }
    )


def along(drawn: Curve) -> Iterator[Point]:
    for step in range(41):
        part = step / 40
        first = drawn.start.towards(drawn.bend, part)
        yield first.towards(drawn.bend.towards(drawn.end, part), part)


def inside(point: Point, control: Control) -> bool:
    middle = place(control)
    return abs(point.x - middle.x) < WIDTH / 2 - 1 and abs(point.y - middle.y) < HEIGHT / 2 - 1


def test_no_arrow_runs_behind_a_box() -> None:
    assert len(all_arrows()) > 40
    for source, target in all_arrows():
        points = list(along(curve(Arrow(source, target))))
        for box in Control:
            assert not any(inside(point, box) for point in points), (source, target, box)


def test_the_check_for_arrows_behind_boxes_finds_one() -> None:
    start, end = place(Control.OPEN_EMPTY), place(Control.OPEN_FULL)
    straight = Curve(start, start.towards(end, 0.5), end, start)
    assert any(inside(point, Control.OPEN_SOME) for point in along(straight))


def test_everything_is_in_the_frame_and_no_two_arrows_are_one() -> None:
    left, top, width, height = map(float, VIEW_BOX.split())
    middles: dict[tuple[int, int], tuple[Control, Control]] = {}
    for source, target in all_arrows():
        drawn = curve(Arrow(source, target))
        for point in (*along(drawn), drawn.label):
            assert left < point.x < left + width
            assert top < point.y < top + height
        halfway = list(along(drawn))[20]
        key = round(halfway.x), round(halfway.y)
        assert key not in middles, (middles.get(key), source, target)
        middles[key] = source, target
    for one in Control:
        for other in Control:
            apart = place(one), place(other)
            far = hypot(apart[0].x - apart[1].x, apart[0].y - apart[1].y)
            assert one is other or far > HEIGHT * 1.5
