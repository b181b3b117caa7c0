"""Install the engines, ask each of them everything, and print the table.

    python -m tests.benchmarks.engines [--only ENGINE]

They go into a virtual environment of their own, which is removed at the end. Each question is asked
in a process of its own, so that what one leaves behind, or how it ends, is no other's affair.
"""

from __future__ import annotations

import argparse
import subprocess
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

from tests.benchmarks.engines.questions import QUESTIONS

VERSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "jsbox": "0.1.3",
        "quickjs-rs": "0.2.6",
        "quickjs-ng": "0.17.0.2",
        "jsrun": "0.3.0",
        "mini-racer": "0.14.1",
        "stpyv8": "13.1.201.22",
        "pythonmonkey": "1.4.1",
    }
)
"""Package → the version that is asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the process told, and whether a signal ended it, be it after that."""

    told: str
    died: bool = False


_ROOT: Final = Path(__file__).parents[3]
_TOO_LONG: Final = 120
"""Seconds that an answer may take."""


def table(asked: Mapping[str, Mapping[str, Answer]]) -> Iterator[str]:
    """The lines of a table: a column for each engine, a row for each question, and one more."""
    engines = tuple(asked)
    yield _row("", *(f"{engine} {VERSIONS[engine]}" for engine in engines))
    yield _row(*("---" for _ in range(len(engines) + 1)))
    for question in QUESTIONS:
        yield _row(question, *(asked[engine][question].told for engine in engines))
    died = (sum(answer.died for answer in asked[engine].values()) for engine in engines)
    yield _row("its processes that died", *(f"{count} of {len(QUESTIONS)}" for count in died))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _installed(folder: Path, names: Sequence[str]) -> Path:
    """The interpreter of a new environment that has these engines."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    packages = [f"{name}=={VERSIONS[name]}" for name in names]
    pip = (str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check")
    subprocess.run((*pip, *packages), check=True)
    return python


def _asked(python: Path, engine: str, question: str) -> Answer:
    command = (str(python), "-m", "tests.benchmarks.engines.questions", engine, question)
    try:
        ran = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, check=False, timeout=_TOO_LONG
        )
    except subprocess.TimeoutExpired:
        return Answer(f"no answer in {_TOO_LONG} s")
    if ran.returncode > 0:
        raise RuntimeError(f"{engine} was asked {question!r}, and failed:\n{ran.stderr}")
    return Answer(ran.stdout.strip() or "no answer", died=ran.returncode < 0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Ask JavaScript engines what a host has to know.")
    parser.add_argument("--only", action="append", choices=VERSIONS, help="ask this engine")
    names: list[str] = parser.parse_args().only or list(VERSIONS)
    with TemporaryDirectory() as folder:
        python = _installed(Path(folder), names)
        asked = {
            name: {question: _asked(python, name, question) for question in QUESTIONS}
            for name in names
        }
    print(*table(asked), sep="\n")


if __name__ == "__main__":
    main()
