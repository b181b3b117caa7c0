"""Examples in README and docs: Python that runs and prints what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import NamedTuple

from tests.website.links import ROOT


class Example(NamedTuple):
    """A block of Python, and where it stands."""

    name: str
    code: str


def examples() -> Iterator[Example]:
    for page in sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("spec/*.md")]):
        blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for number, code in enumerate(blocks, 1):
            yield Example(f"{page.relative_to(ROOT)}-{number}", code)


def complaint(example: Example) -> str | None:
    """What is wrong with an example when it runs: it raises, or prints other than it says."""
    printed = StringIO()
    try:
        with redirect_stdout(printed):
            exec(compile(example.code, f"<{example.name}>", "exec"), {"__name__": "__main__"})
    except Exception as error:
        return f"{example.name} raises {error!r}"
    said = re.findall(r"print\(.*?\)\s+# (.*)", example.code)
    expected = [part for line in said for part in re.split(r",? then ", line)]
    if printed.getvalue().splitlines() != expected:
        return f"{example.name} prints {printed.getvalue()!r} and says {expected!r}"
    return None
