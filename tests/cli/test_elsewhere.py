"""On a system without what POSIX has, as Windows is, the pure parts work and the others say so.

A process stands in for one: before anything of ours is imported, it loses what Python does not have
on Windows. It is no Windows; it shows that nothing asks for those parts unasked.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

from tests.thorough import one_in

LOSSES: Final = """\
import asyncio, concurrent.futures.process, os, select, signal, subprocess, sys, tempfile
import click, hypothesis, jinja2, jsonschema, rich.console
from pathlib import Path
for name in ("fcntl", "resource", "pwd", "grp", "termios", "uvloop"):
    sys.modules[name] = None
for module, names in {
    os: ("fork", "killpg", "setsid", "getpgid", "set_blocking", "getuid", "WNOHANG"),
    select: ("poll", "epoll"),
    signal: ("SIGHUP", "SIGKILL", "SIGUSR1", "pthread_kill", "setitimer"),
    asyncio.SelectorEventLoop: ("add_signal_handler",),
}.items():
    for name in names:
        delattr(module, name) if name in vars(module) else None
sys.platform = "win32"
"""
"""What a process loses. `sys.platform` changes once what is not ours has looked at it."""

COMMAND_LINE: Final = """
from streamstate.cli import main
main()
"""


def elsewhere(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-c", LOSSES + program, *arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    one_in(
        7,
        [
            (("check", "--program", '[["create"],["push",1,"YQ=="],["pull",1]]'), "conforms"),
            (("--version",), "specification"),
            (("rule", "DELETE_3"), "A deleted stream did not end properly"),
            (("explain", '[["create"],["pull",1],["delete",1]]'), "DELETE_3"),
            (("dialects", "whatwg"), "Hazards of whatwg"),
            (("adapter", "js"), "wire protocol 1"),
            (("explore", "-o", "-"), "<!DOCTYPE html>"),
        ],
    ),
)
def test_commands_that_run_nothing_work(arguments: tuple[str, ...], said: str) -> None:
    done = elsewhere(COMMAND_LINE, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


def test_a_command_to_run_is_wrong_usage_and_says_what_works() -> None:
    done = elsewhere(COMMAND_LINE, "check", "--", "node", "adapter.mjs")
    assert done.returncode == 2
    assert "running a COMMAND needs POSIX (Linux, macOS, WSL), and this is win32" in done.stderr
    assert "without one, check and all other commands work here" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


REFUSED: Final = {
    "ChildImplementation": """
from streamstate.oracle import ChildImplementation
ChildImplementation(["node", "adapter.mjs"])
""",
    "Isolate": """
from streamstate.isolate import Isolate
Isolate(process=True)
""",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_needs_processes_refuses_by_name(name: str) -> None:
    done = elsewhere(REFUSED[name])
    assert done.returncode == 1
    assert "needs POSIX (Linux, macOS, WSL), and this is win32" in done.stderr.splitlines()[-1]


def test_model_registry_and_vectors_work() -> None:
    done = elsewhere("""
from streamstate import Chunk, StreamStateRegistry
from streamstate.model import Create, initial, step
from streamstate.recording import record
from streamstate.testing import assert_conforms, own_vectors

async def main():
    registry = StreamStateRegistry(lockstep=True)
    with record(registry, Path(tempfile.mkdtemp(), "recording")):
        stream = registry.create()
        registry.push(stream, b"a")
        return await registry.pull(stream)

assert asyncio.run(main()) == Chunk(b"a")
assert step(initial(), Create())[1]
assert any(own_vectors().iterdir())
assert_conforms(StreamStateRegistry, programs=['[["create"],["pull",1],["close",1]]'])
""")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.thorough
def test_the_loss_is_noticed() -> None:
    done = elsewhere("import fcntl")
    assert "import of fcntl halted" in done.stderr
