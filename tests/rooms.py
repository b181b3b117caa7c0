"""The picture of packages in CONTRIBUTING.md, made from the imports in the sources.

    python -m tests.rooms

writes it anew; a test wants no difference.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import streamstate

PAGE: Final = Path(__file__).parents[1] / "CONTRIBUTING.md"
ROOT: Final = Path(streamstate.__file__).parent
START: Final = "<!-- made from the imports by python -m tests.rooms -->\n"
END: Final = "<!-- end -->"

Imports = Mapping[str, set[str]]
"""Which of our packages each imports: of the oracle its rooms, as `oracle.suites`."""


def imports() -> Imports:
    """What the sources import of one another, the command line left out: it may import all."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(ROOT.rglob("*.py")):
        package = _place(path.relative_to(ROOT).with_suffix("").parts)
        if package is not None:
            found[package] |= set(_imported(path)) - {package}
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            top, *parts = name.split(".")
            place = _place(parts) if top == "streamstate" else None
            if place is not None:
                yield place


def _place(parts: Sequence[str]) -> str | None:
    """Where a module stands in the picture; None for what is not in it."""
    match parts:
        case ["oracle", "__init__"] | ["oracle"] | [] | ["__init__" | "__main__" | "cli", *_]:
            return None
        case ["oracle", room, *_]:
            return f"oracle.{room}"
        case [package, *_]:
            return package
        case _:
            return None


def reduced(graph: Imports) -> Imports:
    """The same without what follows from the rest: an import that others lead to as well. Raises
    `ValueError` for a circle."""
    reached = {place: _reached(graph, place) for place in graph}
    return {
        place: {each for each in used if not any(each in reached[other] for other in used)}
        for place, used in graph.items()
    }


def _reached(graph: Imports, start: str) -> set[str]:
    """All that `start` imports, others in between or not. Raises `ValueError` for a circle."""
    reached: set[str] = set()
    due = list(graph.get(start, ()))
    while due:
        place = due.pop()
        if place == start:
            raise ValueError(f"{start} imports itself by way of others")
        if place not in reached:
            reached.add(place)
            due += graph.get(place, ())
    return reached


def picture(graph: Imports) -> str:
    """The graph as Mermaid draws it, importers above what they import."""
    lines = ["```mermaid", "flowchart TD"]
    inside = sorted(place for place in graph if place.startswith("oracle."))
    lines += ["  subgraph oracle"]
    lines += [f"    {place}[{place.removeprefix('oracle.')}]" for place in inside]
    lines += ["  end"]
    for place, used in sorted(reduced(graph).items()):
        lines += [f"  {place} --> {each}" for each in sorted(used)]
    return "\n".join([*lines, "```", ""])


def written(page: str) -> str:
    """The page with the picture made anew. Raises `ValueError` where it has no place for it."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"{PAGE.name}: expected {START.strip()} and {END}")
    return before + start + picture(imports()) + end + after


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), encoding="utf-8")
