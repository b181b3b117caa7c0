"""Links between files of the repository, which become links between pages of the site."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Final

ROOT: Final = Path(__file__).parents[2]

RULES: Final = "spec/semantics.md"

PAGES: Final[Mapping[str, str]] = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    RULES: "reference/rules.md",
    "spec/protocol.md": "reference/protocol.md",
    "spec/README.md": "explanation/specification.md",
}
"""Files outside `docs` that are pages, and where. Any other that is linked to is shown as it is."""

SHOWN: Final = "files"
"""The folder of the site in which files are shown as they are."""

_FENCE: Final = re.compile(r"^( *)(```+|~~~+).*?^\1\2\s*$", re.DOTALL | re.MULTILINE)
_LINK: Final = re.compile(r"(?<=\]\()([^)\s#:]+)(#[^)\s]*)?(?=\))")


def page_of(file: str) -> str:
    """The page of the site that a file of the repository is, or is shown on."""
    if file in PAGES:
        return PAGES[file]
    inside = PurePosixPath(file)
    if inside.is_relative_to("docs"):
        return str(inside.relative_to("docs"))
    if inside.is_relative_to("spec/vectors"):
        return f"vectors/{inside.name}"
    return f"{SHOWN}/{file}.md"


def targets(text: str, origin: str) -> list[str]:
    """The files of the repository that a page links to."""
    found: list[str] = []

    def noted(link: re.Match[str]) -> str:
        found.append(_resolved(origin, link[1]))
        return link[0]

    _each(text, noted)
    return found


def as_on_the_site(text: str, origin: str, page: str) -> str:
    """The page with its links as they are on the site."""

    def moved(link: re.Match[str]) -> str:
        target = page_of(_resolved(origin, link[1]))
        return relpath(target, str(PurePosixPath(page).parent)) + (link[2] or "")

    return _each(text, moved)


def _each(text: str, change: Callable[[re.Match[str]], str]) -> str:
    """Every link that is outside of code, changed."""
    parts, at = [], 0
    for fence in _FENCE.finditer(text):
        parts += [_LINK.sub(change, text[at : fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, _LINK.sub(change, text[at:])])


def _resolved(origin: str, target: str) -> str:
    return normpath(str(PurePosixPath(origin).parent / target))
