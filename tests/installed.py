"""`python tests/installed.py VENV` holds an install to what a user may expect of it.

It runs in an empty folder and imports nothing of the checkout: what it finds came with the wheel.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

LANGUAGES: Final = ("javascript", "typescript", "python", "go", "rust", "java")
FILES: Final = (
    *("py.typed", "semantics.md", "protocol.md", "protocol.schema.json", "report.schema.json"),
    *("vectors/DELETE_3.jsonl", "vectors/scenarios.jsonl", "rows/asyncio_queue.json"),
)
STREAMSTATE: Final = "{streamstate}"
"""Stands for the command that was installed."""

LEFT_OUT: Final = '[["create"],["pull",1],["pull",1],["close",1]]'
"""What `plan-01` answers otherwise than `reference`."""


class Expected(NamedTuple):
    """A command, what it says, and what it ends with."""

    arguments: tuple[str, ...]
    says: str
    ends_with: int = 0


COMMANDS: Final = (
    Expected((), "what the ops of a stream state registry mean"),
    Expected(("--version",), "specification"),
    Expected(("rule", "DELETE_3"), "A deleted stream did not end properly"),
    Expected(("table",), "DELETE_3"),
    Expected(("dialects", "whatwg", "--svg", "-"), "<svg"),
    Expected(("dialects", "whatwg"), "ReadableStream of Node"),
    Expected(("explore", "-o", "page.html"), "page.html"),
    *(Expected(("adapter", language), "protocol") for language in LANGUAGES),
    *(Expected(("adapter", language, "--registry"), "reate(") for language in LANGUAGES),
    Expected(
        ("check", "--shard", "1/400", "--html", "page.html", "--", STREAMSTATE, "reference"),
        "conforms to reference",
    ),
    Expected(
        (
            *("check", "--json", "report.json", "--junit", "report.xml", "--program", LEFT_OUT),
            *("--", STREAMSTATE, "reference", "--dialect", "plan-01"),
        ),
        "PULL_10",
        ends_with=1,
    ),
)


def complaints(venv: Path) -> Iterator[str]:
    """What the install in that environment lacks."""
    scripts = venv / ("Scripts" if os.name == "nt" else "bin")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with TemporaryDirectory() as folder:

        def run(*command: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                command, env=environment, cwd=folder, capture_output=True, text=True, check=False
            )

        where = "import os, streamstate; print(os.path.dirname(streamstate.__file__))"
        package = Path(run(str(scripts / "python"), "-c", where).stdout.strip() or "nowhere")
        if not package.is_relative_to(venv.absolute()):
            yield f"streamstate is imported from {package}, not from {venv}"
            return
        yield from (f"{file} is missing" for file in FILES if not (package / file).is_file())
        entry = str(scripts / "streamstate")
        for arguments, says, ends_with in COMMANDS:
            filled = [entry if each == STREAMSTATE else each for each in arguments]
            done = run(entry, *filled)
            if done.returncode != ends_with or says not in " ".join(done.stdout.split()):
                said = f"{done.stdout}{done.stderr}".strip()
                yield (
                    f"streamstate {' '.join(arguments)}: expected status {ends_with} and"
                    f" {says!r}, not {done.returncode} and:\n{said}"
                )


if __name__ == "__main__":
    found = list(complaints(Path(sys.argv[1])))
    print("\n".join(found) or f"{sys.argv[1]}: installed whole, and works")
    sys.exit(1 if found else 0)
