"""What CONTRIBUTING and SECURITY lead to is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from tests.test_ci import stages

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = ("CONTRIBUTING.md", "SECURITY.md")
HOW_TO_ADD: Final = (
    *("A rule", "A value of a policy", "A suite", "A hypothesis"),
    *("An adapter", "A format of report"),
)
MODULE: Final = re.compile(r"python -m ([\w.]+)")
QUOTED: Final = re.compile(r"`([^`\s]+)[^`]*`")


def named(text: str) -> Iterator[str]:
    """The files and folders of the repository that a page names, relative to its root."""
    for word in QUOTED.findall(text):
        if "/" in word or word.endswith(".md"):
            yield word


def missing(text: str) -> list[str]:
    """What of that is not there."""
    return [
        *(path for path in named(text) if not (ROOT / path).exists()),
        *(module for module in MODULE.findall(text) if find_spec(module) is None),
    ]


@pytest.mark.parametrize("page", PAGES)
def test_files_and_commands_that_are_named_are_there(page: str) -> None:
    assert missing((ROOT / page).read_text(encoding="utf-8")) == []


def test_what_is_not_there_is_noticed() -> None:
    said = "Run `python -m tests.nothing` on `src/nothing.py` and `NOTHING.md`, not on `README.md`."
    assert missing(said) == ["src/nothing.py", "NOTHING.md", "tests.nothing"]


def test_it_says_how_to_add_each_thing_in_steps() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^### (.+?)\n\n(.*?)(?=^##)", page, re.DOTALL | re.MULTILINE))
    for wanted in HOW_TO_ADD:
        (steps,) = (text for title, text in parts.items() if title.startswith(wanted))
        numbers = re.findall(r"^(\d+)\. ", steps, re.MULTILINE)
        assert len(numbers) >= 3, wanted
        assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
        assert list(named(steps)), wanted


def test_the_stages_are_named() -> None:
    for page in ("CONTRIBUTING.md", "docs/how-to/build-and-release.md"):
        said = (ROOT / page).read_text(encoding="utf-8")
        assert [stage for stage in stages() if f"`{stage}`" not in said] == []


def test_a_hole_is_reported_by_way_of_the_host() -> None:
    said = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "Report a vulnerability" in said
    assert re.search(r"\w@\w", said) is None  # nobody reads an address that nobody has
