"""The picture of where an implementation leaves the machine: the causes are marked, and where each
is seen."""

from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest

from streamstate.model import Clear, Close, Create, Pull, Push, Rule
from streamstate.oracle.reports.html import as_html
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import Json
from tests.oracle.reported import deviation_at_the_end, verdict_of

SVG = "{http://www.w3.org/2000/svg}"


def pictures_on(verdict: Verdict) -> list[Element]:
    """The pictures of where the implementation leaves the machine."""
    page = fromstring(as_html(verdict).removeprefix("<!DOCTYPE html>\n"))
    drawn = (each for each in page.iter(f"{SVG}svg") if each.get("class") == "drawn")
    return [each for each in drawn if each.get("aria-labelledby") == "machine-title machine-said"]


def words(picture: Element, kind: str) -> set[str]:
    """What is written in the picture in that colour."""
    texts = picture.iter(f"{SVG}text")
    return {each.text or "" for each in texts if kind in (each.get("class") or "").split()}


def arrows(picture: Element, kind: str) -> int:
    return sum(each.get("class") == f"line {kind}" for each in picture.iter(f"{SVG}path"))


def test_the_cause_is_marked_on_its_arrow_and_in_words() -> None:
    (picture,) = pictures_on(verdict_of("one cause"))
    assert words(picture, "bad") == {"✗ CLOSE_2"}
    assert (arrows(picture, "bad"), arrows(picture, "seen")) == (1, 0)
    said = picture.findtext(f"{SVG}desc") or ""
    assert "CLOSE_2: WAITING to CLOSED, probably the cause." in said
    assert said.count("probably the cause") == 1


@pytest.mark.parametrize("kind", ["two causes", "another dialect"])
def test_there_is_one_picture_of_all_causes(kind: str) -> None:
    (picture,) = pictures_on(verdict_of(kind))
    named = " ".join(words(picture, "bad"))
    assert all(each.rule.name.rpartition("_")[0] in named for each in verdict_of(kind).deviations)


def test_a_cause_that_is_seen_elsewhere_is_marked_there_and_here() -> None:
    stack: Json = [None, [[1, "value", "Yg=="]]]
    program = (Create(), Push(1, b"a"), Push(1, b"b"), Close(1), Pull(1))
    one = deviation_at_the_end(Rule.PUSH_5, Rule.PULL_4, stack, *program)
    (picture,) = pictures_on(replace(verdict_of("one cause"), deviations=(one,)))
    assert words(picture, "bad") == {"✗ PUSH_5"}
    assert words(picture, "seen") == {"◦ PULL_4"}


def test_what_is_about_no_single_stream_has_no_picture() -> None:
    none = deviation_at_the_end(Rule.CLEAR_1, Rule.CLEAR_1, [True, []], Clear())
    assert pictures_on(replace(verdict_of("one cause"), deviations=(none,))) == []


def test_what_does_not_deviate_has_no_picture() -> None:
    assert pictures_on(verdict_of("conforms")) == []
