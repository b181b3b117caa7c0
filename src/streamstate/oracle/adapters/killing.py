"""Killing what is left of a child process: its group, and what has left that.

What has left the group is found by a mark in its environment, on systems that show that in /proc.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

MARK: Final = "STREAMSTATE_CHILD"
"""The environment variable by whose value the processes of a child are told from others."""

_PROCESSES: Final = Path("/proc")


def kill(process: subprocess.Popen[bytes], mark: bytes, owner: int) -> None:
    """Kill what is left of the child's group, and what has left it. In a fork of the process that
    started the child, do nothing."""
    if os.getpid() != owner:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _kill_marked(mark)


def _kill_marked(mark: bytes) -> None:
    """Kill every process that has that mark in its environment, and those that it starts
    meanwhile."""
    for _ in range(_ROUNDS):
        found = [process for process in _processes() if _is_marked(process, mark)]
        for process in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(int(process.name), signal.SIGKILL)
        if not found:
            return


_ROUNDS: Final = 10


def _processes() -> Iterator[Path]:
    with suppress(OSError):
        yield from (each for each in _PROCESSES.iterdir() if each.name.isdecimal())


def _is_marked(process: Path, mark: bytes) -> bool:
    """A process that has ended, or belongs to somebody else, has no environment."""
    try:
        return mark in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
