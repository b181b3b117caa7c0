"""Pages of the site that are files of the repository: prose from outside `docs`, and shown code."""

from __future__ import annotations

import re
from collections.abc import Iterator
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


def shown_files() -> dict[str, str]:
    """Page → text, of each file that a page links to and that is no page itself.

    Raises `ValueError` for a link to a folder or to what is not there.
    """
    pages = [*PAGES, *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.md"))]
    wanted = {
        target: page
        for page in pages
        for target in targets(text_of(page), page)
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
    yield from ("---", "orphan: true", "---", f"# {file}", "")
    yield from (f"{fence}{language}", text.rstrip(), fence, "")
