"""What a built site has to have, and must not: every public name, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from tests.website.python_api import public_names, undocumented

_BRINGS: Final = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "link": "href",
}
_ELSEWHERE: Final = re.compile(r"(?:https?:)?//", re.IGNORECASE)


class _Looked(HTMLParser):
    """The ids of a page, and what it has fetched from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids.add(values.get("id") or "")
        brought = values.get(_BRINGS.get(tag, "")) or ""
        if _ELSEWHERE.match(brought) and values.get("rel") != "canonical":
            self.fetched.append(brought)


def looked(page: Path) -> tuple[set[str], list[str]]:
    """The ids of a page, and what it fetches from elsewhere."""
    parser = _Looked()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.ids, parser.fetched


def complaints(site: Path) -> Iterator[str]:
    """What a built site lacks, or has that it should not."""
    for page in sorted(site.rglob("*.html")):
        for brought in looked(page)[1]:
            yield f"{page.relative_to(site)} fetches {brought}"
    ids, _ = looked(site / "reference" / "python.html")
    yield from (f"{name} has no docstring" for name in undocumented())
    for name in public_names():
        if name not in ids:
            yield f"reference/python.html has nothing on {name}"
