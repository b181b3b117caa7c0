"""The command line in a process of its own, as a shell would start it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

SELF: Final = (sys.executable, "-m", "streamstate")
REFERENCE: Final = (*SELF, "reference")
PLAN_01: Final = (*SELF, "reference", "--dialect", "plan-01")
OVERLAPPING: Final = '[["create"],["pull",1],["pull",1],["close",1]]'


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
