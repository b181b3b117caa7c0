"""Pages of the site that are files of the repository: prose from outside `docs`, and shown code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.website.links import PAGES, ROOT, SHOWN, page_of, targets

_LANGUAGES: Final = {
    ".sh": "bash",
    ".py": "python",
    ".mjs": "js",
    ".mts": "ts",
    ".js": "js",
    ".json": "json",
    ".rs": "rust",
    ".go": "go",
    ".java": "java",
    ".v": "coq",
}


def text_of(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


def prose() -> dict[str, str]:
    """File → text, of all that is prose in the repository and a page of the site."""
    docs = (str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("docs/**/*.md")))
    return {file: text_of(file) for file in (*PAGES, *docs)}


def shown_files(texts: Mapping[str, str]) -> dict[str, str]:
    """Page → text, of each file that one of these links to and that is no page itself.

    Raises `ValueError` for a link to a folder or to what is not there.
    """
    wanted = {
        target: file
        for file, text in texts.items()
        for target in targets(text, file)
        if page_of(target).startswith(f"{SHOWN}/")
    }
    for target, page in wanted.items():
        if not (ROOT / target).is_file():
            raise ValueError(f"{page} links to {target}, which is no file")
    return {f"{SHOWN}/{file}.md": "\n".join(_as_shown(file)) for file in sorted(wanted)}


def _as_shown(file: str) -> Iterator[str]:
    text = text_of(file)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    language = _LANGUAGES.get(Path(file).suffix, "text")
    yield from ("---", "orphan: true", "nosearch: true", "---", f"# {file}", "")
    yield from (f"{fence}{language}", text.rstrip(), fence, "")
