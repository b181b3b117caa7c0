"""The programs of the vectors, put through an adapter and compared with the model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamstate.model import Dialect, Limits
from streamstate.wire import encode_program, parse_limits, parse_program, trace, without_fills

VECTORS = Path(__file__).parents[2] / "spec" / "vectors"
OFFERED = {"get", "limits", "fill"}


def programs(step: int = 1) -> list[dict[str, Any]]:
    """One in `step` of those that need nothing that the adapter has not."""
    found = [
        line
        for file in sorted(VECTORS.glob("*.jsonl"))
        for line in map(json.loads, file.read_text("utf-8").splitlines())
        if set(line["needs"]) <= OFFERED and not any(op[0] == "seen" for op in line["program"])
    ]
    return found[::step]


def deviating(module: str, *options: str, dialect: Dialect, step: int = 1) -> list[str]:
    """The ids of the programs that the adapter answers in another way than the model does."""
    asked = programs(step)
    assert len(asked) >= 10
    lines = [{"cmd": "start", "protocol": 1}, *map(_run, range(len(asked)), asked), {"cmd": "stop"}]
    done = subprocess.run(
        (sys.executable, "-m", module, *options),
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()[1:]]
    return list(_differing(asked, answers, dialect))


def _run(seq: int, vector: dict[str, Any]) -> dict[str, Any]:
    limits = {"limits": vector["limits"]} if "limits" in vector else {}
    return {"cmd": "run", "seq": seq, "program": _plain(vector), **limits}


def _plain(vector: dict[str, Any]) -> Any:
    return encode_program(parse_program(without_fills(vector["program"])))


def _differing(
    asked: list[dict[str, Any]], answers: list[dict[str, Any]], dialect: Dialect
) -> Iterator[str]:
    for vector, answer in zip(asked, answers, strict=True):
        limits = parse_limits(vector["limits"]) if "limits" in vector else Limits()
        expected = trace(parse_program(_plain(vector)), dialect, limits)
        if answer["trace"] != [json.loads(each.text) for each in expected]:
            yield vector["id"]
