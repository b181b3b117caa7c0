"""A search by sections: Sphinx finds pages, and a rule is a section of a long one.

`written` reads the built pages, and writes an index of their sections for `static/sections.js`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final

from streamstate.model import Rule

if TYPE_CHECKING:
    from sphinx.search.en import SearchEnglish

INDEX: Final = "_static/sections-index.js"

_HEADING: Final = re.compile(r"h[1-6]")
_WORD: Final = re.compile(r"[a-z0-9_]+")
_LEFT_OUT: Final = frozenset({"genindex.html", "search.html", "changelog.html", "benchmarks.html"})
_MOST_WORDS: Final = 1_500
"""Of a section; one with more is a table of measurements or a file."""


@dataclass(slots=True)
class Section:
    """A heading and what stands under it, up to the next one of any level."""

    anchor: str
    title: str = ""
    text: list[str] = field(default_factory=list)


class _Sections(HTMLParser):
    """The sections of the article on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Section] = []
        self._inside = 0
        self._in_heading = False
        self._open: list[Section] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "article":
            self._inside += 1
        if tag == "section" and self._inside:
            self._open.append(Section(dict(attrs).get("id") or ""))
            self.found.append(self._open[-1])
        self._in_heading |= _HEADING.fullmatch(tag) is not None

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._inside -= 1
        if tag == "section" and self._open:
            self._open.pop()
        if _HEADING.fullmatch(tag):
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        if self._in_heading:
            self._open[-1].title += data
        else:
            self._open[-1].text.append(data)


def sections(page: Path) -> list[Section]:
    """The sections of a built page, in their order."""
    parser = _Sections()
    parser.feed(page.read_text(encoding="utf-8"))
    return [each for each in parser.found if each.anchor]


@cache
def _language() -> SearchEnglish:
    from sphinx.search.en import SearchEnglish  # noqa: PLC0415  # tests of links go without Sphinx

    return SearchEnglish({})


def words(text: str) -> Iterator[str]:
    """The stems of a text, without those words that Sphinx leaves out of a search, too."""
    language = _language()
    for word in _WORD.findall(text.lower()):
        for part in {word, *word.split("_")} - {""}:
            if part not in language.stopwords:
                yield language.stem(part)


def written(site: Path) -> None:
    """Write the index of a built site: the sections, and which stems are in which of them, as
    three times the number of the section, and one more in what a rule says, two in a title."""
    listed: list[list[str]] = []
    places: dict[str, set[int]] = {}
    for page in sorted(site.rglob("*.html")):
        name = page.relative_to(site).as_posix()
        if name in _LEFT_OUT or name.startswith(("files/", "_")):
            continue
        found = sections(page)
        for each in found:
            in_text = [*words(" ".join(each.text))]
            if len(in_text) > _MOST_WORDS:
                continue
            number = len(listed)
            title = _plain(each.title)
            says = Rule[title].value if title in Rule.__members__ else ""
            page_title = "the rules" if says else _plain(found[0].title)
            shown = f"{title}: {says}" if says else title
            listed.append([f"{name}#{each.anchor}", shown, page_title])
            for more, stems in enumerate((in_text, words(says), words(title))):
                for stem in stems:
                    places.setdefault(stem, set()).add(3 * number + more)
    index = {"sections": listed, "places": {stem: sorted(at) for stem, at in places.items()}}
    text = json.dumps(index, separators=(",", ":"), ensure_ascii=True)
    (site / INDEX).write_text(f"showSections({text});\n", encoding="utf-8")


def _plain(title: str) -> str:
    return title.replace("¶", "").strip().rstrip("#")
