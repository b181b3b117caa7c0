"""The sources of the site, put together in one folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shutil import copytree
from typing import Final

from tests.website.dialects import dialects_page
from tests.website.links import ROOT, RULES, as_on_the_site, page_of
from tests.website.navigation import NAVIGATION
from tests.website.python_api import python_api_page
from tests.website.rules import rules_page
from tests.website.sources import prose, shown_files, text_of

_COMMAND_LINE: Final = """# Command line

The package installs `streamstate`; `python -m streamstate` does the same.

## Exit codes

| code | meaning |
| --- | --- |
| 0 | it conforms |
| 1 | it deviates |
| 2 | wrong usage, or a report or the output cannot be written |
| 3 | no verdict: the implementation died, hung or broke the protocol, or nothing was run |

A second signal, or a signal to any command but `check`, ends it with 128 plus its number.

## Completion

Bash, zsh and fish can complete commands, options, rules, dialects and languages:
[let the shell complete](../how-to/explore.md#let-the-shell-complete).

## Commands

```{eval-rst}
.. click:: streamstate.cli.commands:cli
   :prog: streamstate
   :nested: full
```
"""

_OF_THE_SITE: Final[Mapping[str, Callable[[], str]]] = {
    "reference/dialects.md": dialects_page,
    "reference/python.md": python_api_page,
    "reference/command-line.md": lambda: _COMMAND_LINE,
    "reference/vectors.md": lambda: "\n".join(_vectors()),
}
"""Pages that are written for the site, with links as they are there."""


def put_together(folder: Path) -> None:
    """Writes the sources of the site into an empty folder."""
    copytree(ROOT / "docs", folder, dirs_exist_ok=True)
    copytree(ROOT / "spec" / "vectors", folder / "vectors")
    texts = {**prose(), RULES: rules_page()}
    for file, text in texts.items():
        _write(folder, file, text)
    for page, make in _OF_THE_SITE.items():
        _put(folder, page, make())
    for page, text in shown_files(texts).items():
        _put(folder, page, text)


def _write(folder: Path, file: str, text: str) -> None:
    """The page that a file of the repository is, with its links as they are on the site."""
    page = page_of(file)
    moved = as_on_the_site(text, file, page)
    more = "\n".join(_contents()) if file == "README.md" else ""
    _put(folder, page, moved.replace("```mermaid", "```text") + more)


def _put(folder: Path, page: str, text: str) -> None:
    path = folder / page
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _contents() -> Iterator[str]:
    listed = {page for pages in NAVIGATION.values() for page in pages}
    for part, pages in NAVIGATION.items():
        folder = ROOT / "docs" / part.lower()
        others = (f"{folder.name}/{path.stem}" for path in sorted(folder.glob("*.md")))
        yield from ("", "```{toctree}", ":hidden:", f":caption: {part}", "")
        yield from pages
        yield from (page for page in others if page not in listed)
        yield "```"


def _vectors() -> Iterator[str]:
    parts = re.split(r"^## (.+)\n", text_of("spec/README.md"), flags=re.MULTILINE)
    section = dict(zip(parts[1::2], parts[2::2], strict=True)).get("Vectors")
    if section is None:
        raise ValueError("spec/README.md has no section on vectors")
    yield from ("# Vectors", "", section.strip(), "")
    yield "[Run the vectors](../how-to/run-the-vectors.md) has a runner, and says what each key is."
    yield from ("", "| rule | programs |", "| --- | --- |")
    counts: dict[str, int] = json.loads(text_of("spec/vectors/manifest.json"))["files"]
    for name, count in counts.items():
        shown = name if name.startswith("scenarios") else f"[{name}](rules.md#{name.lower()})"
        yield f"| {shown} | [{count}](../vectors/{name}.jsonl) |"
