"""How fast the oracle is: `python -m tests.benchmarks.oracle [--markdown] [--faults [SHARE]]`.

The default plan goes through the JavaScript adapter, and beside it, in turn, the adapter answers
the same requests from a file to nowhere: that is what no oracle can be faster than. Time on the
wall, since two processes work at once; the least of several runs. With `--faults` what it costs
to find causes is measured, see `diagnosing`.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from streamstate.model import REFERENCE
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.suites.plan import default_plan, requests
from tests.benchmarks import diagnosing
from tests.benchmarks.registry import Row, as_markdown, as_text
from tests.faults.javascript import node

ROUNDS: Final = 10

_ADAPTER: Final = Path(__file__).parent.parent / "implementations" / "javascript" / "adapter.mjs"
_OFFERED: Final = frozenset({"get", "limits", "fill"})
_START: Final = b'{"cmd":"start","protocol":1}\n'
_STOP: Final = b'{"cmd":"stop"}\n'


def written(requested: Path, exchanged: Path) -> int:
    """Write the default plan, as an adapter is asked it, and with the answers; how many ops."""
    machines = CachedModels()
    ops = 0
    with requested.open("wb") as plain, exchanged.open("wb") as answered:
        plain.write(_START)
        for request in requests(default_plan(machines.of(REFERENCE), _OFFERED)):
            text = machines.of(REFERENCE, request.limits).expect(request.program).text
            line = request.line()
            plain.write(line)
            answered.write(line)
            answered.write(f'{{"seq":{request.seq},"trace":{text},"late":[]}}\n'.encode())
            ops += len(request.program)
        plain.write(_STOP)
    return ops


def checked(report: Path) -> float:
    """Seconds from the first request to the last answer, as the oracle itself reports them."""
    oracle = (sys.executable, "-m", "streamstate", "check", "--json", str(report))
    _run(*oracle, "--", node(), str(_ADAPTER))
    return float(json.loads(report.read_text(encoding="utf-8"))["seconds"])


def alone(requested: Path) -> float:
    """Seconds in which the adapter answers the same requests, its start included."""
    started = perf_counter()
    with requested.open("rb") as lines:
        subprocess.run((node(), str(_ADAPTER)), stdin=lines, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - started


def traced(exchanged: Path) -> float:
    """Seconds in which `streamstate trace` checks the exchange, its start included."""
    started = perf_counter()
    _run(sys.executable, "-m", "streamstate", "trace", str(exchanged))
    return perf_counter() - started


def _run(*command: str) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def least(runs: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The least that each took, all in turn."""
    rounds = [{name: run() for name, run in runs.items()} for _ in range(ROUNDS)]
    return {name: min(took[name] for took in rounds) for name in runs}


def table(folder: Path) -> list[Row]:
    """The rows, made with files in that folder."""
    requested, exchanged = folder / "requests.jsonl", folder / "exchange.jsonl"
    ops = written(requested, exchanged)
    took = least(
        {
            "checked": lambda: checked(folder / "report.json"),
            "alone": lambda: alone(requested),
            "traced": lambda: traced(exchanged),
        }
    )
    oracle, adapter, trace = took["checked"], took["alone"], took["traced"]
    ratio = (f"… against the adapter alone, {adapter:.2f} s", f"{oracle / adapter:.2f}", "")
    return [
        (f"the default plan, {ops:,} ops, through Node", f"{oracle:.2f} s", "about 3 s"),
        ("… ops a second", f"{ops / oracle:,.0f}", "150,000"),
        ratio,
        (f"streamstate trace of the same, {trace:.2f} s: ops a second", f"{ops / trace:,.0f}", ""),
    ]


def main(arguments: list[str]) -> None:
    """Print the table."""
    show = as_markdown if "--markdown" in arguments else as_text
    if "--faults" in arguments:
        shares = [float(each) for each in arguments if not each.startswith("--")]
        rows = list(diagnosing.rows(*shares or [1.0]))
    else:
        with TemporaryDirectory() as folder:
            rows = table(Path(folder))
    print(f"Python {platform.python_version()}, {platform.machine()}, node {node_version()}\n")
    print(show(rows))


def node_version() -> str:
    """As node says it."""
    asked = subprocess.run((node(), "--version"), capture_output=True, text=True, check=True)
    return asked.stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1:])
