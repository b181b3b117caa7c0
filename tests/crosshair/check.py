"""Has CrossHair confirm every condition, and refute every planted fault.

    python -m tests.crosshair.check [NAME …]

CrossHair itself exits 0 where it could not confirm, so its verdicts are read here. Exits 1 unless
each condition is confirmed over all paths and each planted fault fails an assertion.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = 120
"""For one condition, before CrossHair gives it up."""

CONFIRMED = "info: Confirmed over all paths."
REFUTED = "error: AssertionError:"

WANTED = {
    "conditions": CONFIRMED,
    "push_conditions": CONFIRMED,
    "registry_conditions": CONFIRMED,
    "planted": REFUTED,
}
"""Module → what CrossHair has to say of every condition in it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What CrossHair said of one condition."""

    module: str
    name: str
    said: str
    seconds: float

    @property
    def as_wanted(self) -> bool:
        """One message, and the right one: two conditions in one function would hide each other."""
        lines = [line for line in self.said.splitlines() if line]
        return len(lines) == 1 and WANTED[self.module] in lines[0]

    @property
    def brief(self) -> str:
        """One line of the table."""
        outcome = "confirmed" if WANTED[self.module] == CONFIRMED else "refuted"
        mark = outcome if self.as_wanted else "NOT " + outcome
        return f"{mark:<13} {self.seconds:5.1f} s  {self.module}.{self.name}"


def conditions_in(module: str) -> list[str]:
    """The functions of a module that have a postcondition, in its order."""
    tree = ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [node.name for node in functions if "post:" in (ast.get_docstring(node) or "")]


def examine(module: str, name: str) -> Verdict:
    """Runs CrossHair on one condition."""
    command = [sys.executable, "-m", "crosshair", "check", "--report_all"]
    command += ["--analysis_kind=PEP316", f"--per_condition_timeout={SECONDS}"]
    begun = time.monotonic()
    ran = subprocess.run(
        [*command, f"tests.crosshair.{module}.{name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return Verdict(module, name, ran.stdout + ran.stderr, time.monotonic() - begun)


def examine_all(wanted: list[tuple[str, str]]) -> Iterable[Verdict]:
    """The verdicts in order, made by as many processes at once as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda one: examine(*one), wanted)


def main(names: list[str]) -> int:
    everything = [(module, name) for module in WANTED for name in conditions_in(module)]
    wanted = [one for one in everything if not names or one[1] in names]
    if not wanted or len(wanted) < len(names):
        print(f"no such conditions among {[name for _, name in everything]}", file=sys.stderr)
        return 2
    begun = time.monotonic()
    wrong: list[Verdict] = []
    for verdict in examine_all(wanted):
        print(verdict.brief, flush=True)
        if not verdict.as_wanted:
            wrong.append(verdict)
            print(verdict.said, flush=True)
    seconds = time.monotonic() - begun
    print(f"{len(wanted) - len(wrong)} of {len(wanted)} as they should be, in {seconds:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
