"""How fast guest code answers the oracle: `python -m tests.benchmarks.isolate_adapter [PATH …]`.

The default plan goes through `streamstate.isolate.adapter` over each of its paths: by `streamstate
check`, in time on the wall, and from a file to nowhere, in processor time of the adapter alone. The
least of several runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from streamstate.isolate.adapter import PATHS
from tests.benchmarks.oracle import written

ROUNDS: Final = 3


def adapter(path: str) -> tuple[str, ...]:
    """The command of the adapter on that path."""
    return (sys.executable, "-m", "streamstate.isolate.adapter", "--path", path)


def checked(path: str, report: Path) -> float:
    """Seconds from the first request to the last answer, as the oracle itself reports them."""
    oracle = (sys.executable, "-m", "streamstate", "check", "--json", str(report), "--")
    subprocess.run((*oracle, *adapter(path)), capture_output=True, check=True)
    return float(json.loads(report.read_text("utf-8"))["seconds"])


def alone(path: str, requested: Path) -> float:
    """Seconds of processor time in which it answers the same requests, its start included."""
    with requested.open("rb") as lines:
        process = subprocess.Popen(adapter(path), stdin=lines, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def least(run: Callable[[], float]) -> float:
    """The least of several."""
    return min(run() for _ in range(ROUNDS))


def main(arguments: list[str]) -> None:
    """Print a row for each path."""
    parser = ArgumentParser(prog="python -m tests.benchmarks.isolate_adapter", description=__doc__)
    parser.add_argument("paths", nargs="*", metavar="PATH", help=f"of {', '.join(PATHS)}; all")
    paths = parser.parse_args(arguments).paths
    if unknown := sorted(set(paths) - set(PATHS)):
        parser.error(f"there is no path {unknown[0]!r}; there are {', '.join(PATHS)}")
    with TemporaryDirectory() as folder:
        requested, report = Path(folder, "requests"), Path(folder, "report")
        ops = written(requested, Path(folder, "exchange"))
        print(f"The default plan, {ops:,} ops\n")
        print("| path | streamstate check | ops/s | adapter alone | ops/s |\n|---|---|---|---|---|")
        for path in paths or PATHS:
            whole = least(lambda path=path: checked(path, report))  # type: ignore[misc]
            own = least(lambda path=path: alone(path, requested))  # type: ignore[misc]
            print(
                f"| {path} | {whole:.1f} s | {ops / whole:,.0f}"
                f" | {own:.1f} s of a processor | {ops / own:,.0f} |"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
