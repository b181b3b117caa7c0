"""What an earlier oracle makes of the faults for which suites were added since:
`python -m tests.faults --before`, which writes the table *Before and after*.

The earlier one is taken out of the history of this repository and run as it was, on the same broken
implementations. Where memory is what is wrong, the adapter is of that time too: it gave each push
a buffer of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from streamstate.oracle.adapters.child import ChildImplementation
from tests.faults.catalogue import faults
from tests.faults.fault import Fault, Group, Mode
from tests.faults.javascript import FOLDER

BEFORE: Final = "ca693df6d9fe667521cc44a8a5f97a833c4332bf"
"""The commit whose oracle is asked: the last without these suites."""

FILE: Final = Path(__file__).parent / "before.json"

_BUDGET: Final = 400
"""Seconds. With some faults it would look for their causes for longer."""

_CHECKOUT: Final = Path(__file__).parents[2]
_OUT_OF_HISTORY: Final = ("src/streamstate", "tests/implementations/javascript")

_NEW: Final = (
    Group.JAVASCRIPT_BURSTS,
    Group.PYTHON_BURSTS,
    Group.MEMORY,
    Group.KEPT,
    Group.TYPESCRIPT_KEPT,
    Group.RUST_KEPT,
)
_LENT: Final = "push_keeps_the_reference"
_STARTERS: Final = {Group.PYTHON: "python.txt", Group.TYPESCRIPT: "typescript.mts"}
"""Of the languages in which that fault is told with the starter."""


@dataclass(frozen=True, slots=True)
class Told:
    """What it said first of a fault: the rule, where that was seen, how long the program was in
    ops, and how many deviations there were."""

    rule: str
    seen_at: str
    length: int
    deviations: int


def of_new_kinds() -> dict[str, Fault]:
    """Those of bursts, memory, long lives, tables, rings, sums and contents, by key."""
    return {
        key: fault
        for key, fault in faults().items()
        if fault.group in _NEW or (fault.group in _STARTERS and fault.name == _LENT)
    }


def read_before() -> dict[str, Told | None]:
    """What was last found: None for a fault that conformed."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    return {key: None if each is None else Told(**each) for key, each in data.items()}


def write_before(told: Mapping[str, Told | None]) -> None:
    """Keep it, a line for each fault, in the order of the catalogue."""
    lines = (
        f"{json.dumps(key)}: {json.dumps(each and asdict(each))}"
        for key in of_new_kinds()
        if key in told
        for each in (told[key],)
    )
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def is_in_history() -> bool:
    """Whether this checkout has that commit."""
    wanted = ("git", "cat-file", "-e", BEFORE)
    return subprocess.run(wanted, cwd=_CHECKOUT, capture_output=True, check=False).returncode == 0


def measure(keys: Sequence[str], jobs: int) -> Iterator[tuple[str, Told | None]]:
    """Ask about each of those, in so many processes. Raises `ValueError` as those below do."""
    with earlier_oracle() as oracle, ProcessPoolExecutor(jobs) as pool:
        asked = {pool.submit(told_by, oracle, key): key for key in keys}
        for future in as_completed(asked):
            yield asked[future], future.result()


@contextmanager
def earlier_oracle() -> Iterator[Path]:
    """The earlier one in a folder, while the context lasts. Raises `ValueError` if this checkout
    has no such history."""
    if not is_in_history():
        raise ValueError(f"no commit {BEFORE} here: a clone with all its history has it")
    wanted = ("git", "archive", BEFORE, *_OUT_OF_HISTORY)
    packed = subprocess.run(wanted, cwd=_CHECKOUT, capture_output=True, check=True).stdout
    with TemporaryDirectory(prefix="before-") as folder:
        with tarfile.open(fileobj=BytesIO(packed)) as files:
            files.extractall(folder, filter="data")
        _plant_memory_faults(Path(folder) / "tests" / "implementations" / "javascript")
        yield Path(folder)


def _plant_memory_faults(javascript: Path) -> None:
    """The registry of today, with its faults of memory, beside the adapter of then."""
    for name, of_today in (("registry.mjs", "registry.mjs"), ("faults.json", "memory.json")):
        (javascript / name).write_bytes((FOLDER / of_today).read_bytes())


def told_by(oracle: Path, key: str) -> Told | None:
    """What it says of that fault, as a black box. Raises `ValueError` if it came to no verdict."""
    fault = faults()[key]
    with fault.plant(Mode.BLACK_BOX) as opener:
        implementation = opener()
        implementation.close()
        with TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            said = subprocess.run(
                (
                    *(sys.executable, "-m", "streamstate", "check", "--dialect"),
                    *(str(fault.dialect), "--budget", str(_BUDGET), "--json", str(report), "--"),
                    *_command(fault, implementation, oracle),
                ),
                env={**os.environ, "PYTHONPATH": str(oracle / "src")},
                capture_output=True,
                text=True,
                check=False,
            )
            if said.returncode not in (0, 1):
                raise ValueError(f"{fault.key}: exit {said.returncode}\n{said.stdout}{said.stderr}")
            return _first(json.loads(report.read_text(encoding="utf-8")))


def _first(report: Any) -> Told | None:
    if not report["deviations"]:
        return None
    first = report["deviations"][0]
    length = len(first["program"])
    return Told(first["rule"], first["seen_at"], length, len(report["deviations"]))


def _command(fault: Fault, implementation: object, oracle: Path) -> Sequence[str]:
    """What starts the fault as an adapter for the earlier oracle."""
    if not isinstance(implementation, ChildImplementation):
        path = f"PYTHONPATH={_CHECKOUT / 'src'}{os.pathsep}{_CHECKOUT}"
        return ("env", path, sys.executable, "-m", "tests.faults.served", fault.key)
    command = implementation.command
    if fault.group is Group.MEMORY:
        then = str(oracle / "tests" / "implementations" / "javascript")
        return [part.replace(str(FOLDER), then) for part in command]
    if fault.group in _STARTERS:  # laid where that of today was
        starter = oracle / "src" / "streamstate" / "adapters" / _STARTERS[fault.group]
        Path(command[-1]).write_bytes(starter.read_bytes())
    return command
