"""The picture in CONTRIBUTING.md is that of the sources."""

from __future__ import annotations

import pytest

from tests import rooms

CIRCLE = {"a": {"b"}, "b": {"c"}, "c": {"a"}}


def test_the_picture_is_that_of_the_imports() -> None:
    page = rooms.PAGE.read_text("utf-8")
    assert rooms.written(page) == page, "run python -m tests.rooms"


def test_what_follows_from_other_arrows_is_left_out() -> None:
    graph = {"top": {"middle", "bottom"}, "middle": {"bottom"}, "bottom": set[str]()}
    assert rooms.reduced(graph)["top"] == {"middle"}


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="imports itself"):
        rooms.reduced(CIRCLE)


def test_a_page_without_a_place_for_it_is_refused() -> None:
    with pytest.raises(ValueError, match=r"CONTRIBUTING\.md: expected <!-- made from"):
        rooms.written("# Contributing\n")
