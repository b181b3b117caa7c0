"""The command line, in this process, in one of its own, or as a shell would start it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from streamstate.cli.commands import cli

SELF: Final = (sys.executable, "-m", "streamstate")
REFERENCE: Final = (*SELF, "reference")
PLAN_01: Final = (*SELF, "reference", "--dialect", "plan-01")
OVERLAPPING: Final = '[["create"],["pull",1],["pull",1],["close",1]]'
SCHEMA: Final = Path(__file__).parents[2] / "spec" / "report.schema.json"
PROGRAM: Final = '[["create"],["pull",1],["close",1]]'


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    """The command in this process."""
    return CliRunner().invoke(cli, arguments, input=stdin)


def in_a_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in one of its own."""
    return subprocess.run((*SELF, *arguments), capture_output=True, text=True, check=False)


def read_report(file: Path) -> dict[str, Any]:
    """A report that was written, which is in the schema."""
    report: dict[str, Any] = json.loads(file.read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(report)
    return report


def shell(
    arguments: tuple[str, ...], around: str = "", folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """`streamstate` with these arguments, and a redirection or pipe after them; its own status."""
    line = f"{shlex.join((*SELF, *arguments))} {around}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False, cwd=folder
    )
    assert "Traceback" not in done.stderr
    assert "streamstate itself failed" not in done.stderr
    return done
