"""The changelog has the form of Keep a Changelog, and its lines stay short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

CHANGELOG: Final = Path(__file__).parents[1] / "CHANGELOG.md"
KINDS: Final = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
VERSION: Final = re.compile(r"Unreleased|\[?\d+\.\d+\.\d+\]? - \d{4}-\d{2}-\d{2}")
LONGEST: Final = 3
"""Lines of text that an entry may take."""


def mistakes(text: str) -> Iterator[str]:
    """What is wrong with the form of a changelog."""
    versions = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    if not versions:
        yield "no version"
    for version in versions:
        title, _, said = version.partition("\n")
        if not VERSION.fullmatch(title):
            yield f"{title!r} is neither Unreleased nor a version with its date"
        kinds = re.split(r"^### ", said, flags=re.MULTILINE)
        if re.search(r"^- ", kinds[0], re.MULTILINE):
            yield f"{title}: an entry outside of {', '.join(KINDS)}"
        for kind in kinds[1:]:
            yield from _mistakes_in(kind)


def _mistakes_in(section: str) -> Iterator[str]:
    kind, _, said = section.partition("\n")
    if kind not in KINDS:
        yield f"{kind!r} is none of {', '.join(KINDS)}"
    entries = re.findall(r"^- .*(?:\n  .*)*", said, re.MULTILINE)
    if not entries:
        yield f"{kind} has no entry"
    for entry in entries:
        if entry.count("\n") >= LONGEST:
            yield f"more than {LONGEST} lines: {entry.splitlines()[0]}"


def test_it_has_the_form() -> None:
    assert list(mistakes(CHANGELOG.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("# Changelog\n", "no version"),
        ("## Soon\n\n### Added\n\n- One.\n", "'Soon' is neither"),
        ("## Unreleased\n\n- One.\n", "an entry outside"),
        ("## Unreleased\n\n### New\n\n- One.\n", "'New' is none of"),
        ("## 1.0.0 - 2030-01-01\n\n### Fixed\n", "Fixed has no entry"),
        ("## Unreleased\n\n### Added\n\n- One\n  two\n  three\n  four.\n", "more than 3 lines"),
    ],
)
def test_what_has_not_the_form_is_named(text: str, wrong: str) -> None:
    (found,) = mistakes(text)
    assert wrong in found
