"""Signals end the command line and every adapter, and nothing else is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streamstate.registry.builds import PURE

SELF = """\
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore them
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from streamstate.cli import main
main()
"""
SILENT = "import os, time; print(os.getpid(), file=open('pid', 'w'), flush=True); time.sleep(60)"
SENDING = """\
import os, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "streamstate.cli.commands":
            os.kill(os.getpid(), signal.SIGINT)
"""


@contextmanager
def checking_what_is_silent(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A check that waits for an adapter, and the number of that."""
    options = ("check", "--json", "new.json", "--html", "old.html", "--timeout", "50")
    adapter = (sys.executable, "-c", SILENT)
    (folder / "old.html").write_text("what was there")
    command = (sys.executable, "-c", SELF, *options, "--", *adapter)
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, _number_in(folder / "pid")
        finally:
            process.kill()


def _number_in(file: Path) -> int:
    for _ in range(3_000):
        if file.exists() and (text := file.read_text()).endswith("\n"):
            return int(text)
        time.sleep(0.01)
    raise AssertionError("the adapter has not started")


def is_there(number: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_adapter_too_and_leaves_no_files(
    number: signal.Signals, tmp_path: Path
) -> None:
    with checking_what_is_silent(tmp_path) as (process, adapter):
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert said == ("Interrupted.\n" if number == signal.SIGINT else f"{number.name}.\n")
    assert not is_there(adapter)
    assert not (tmp_path / "new.json").exists()
    assert (tmp_path / "old.html").read_text() == "what was there"


def ended_by(sending: str, command: str) -> tuple[int, str]:
    """The status of a command, with this before it, and what it said."""
    script = f"import os\n{SELF}".replace("main()\n", f"{sending}\nmain()\n")
    words = (sys.executable, "-c", script, command)
    pure = {**os.environ, PURE: "1"}  # where the registry can be patched
    done = subprocess.run(words, env=pure, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_no_event_loop_keeps_a_signal_to_itself() -> None:
    sending = """\
import asyncio
from streamstate.registry import StreamStateRegistry
send = lambda: [(os.kill(os.getpid(), signal.SIGTERM), os.getpid()) for _ in range(2)]
StreamStateRegistry.close = lambda *_: asyncio.get_running_loop().call_soon(send)"""
    assert ended_by(sending, "check") == (128 + signal.SIGTERM, "SIGTERM.\n")


SLOWLY = """
import threading
start = threading.Thread.start
def slowly(self):
    start(self)
    time.sleep(0.3)
threading.Thread.start = slowly"""
"""A machine on which whoever starts a thread goes on late, as under load."""


@pytest.mark.parametrize("busy", ["", SLOWLY])
def test_no_finalizer_keeps_a_signal_to_itself(busy: str) -> None:
    sending = """\
import time
from streamstate.oracle.adapters.reference import ReferenceAdapter
class Sending:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        os.getpid()
ReferenceAdapter.serve = lambda *_: (left.clear(), time.sleep(30))
left = [Sending()]"""
    assert ended_by(sending + busy, "reference") == (128 + signal.SIGTERM, "SIGTERM.\n")


INTERRUPTING_ITS_END = """\
import os, signal, sys, time
print(os.getpid(), file=open("pid", "w"), flush=True)
sys.stdin.read()  # its end is how a check asks for this one's
os.kill(os.getppid(), signal.SIGINT)
time.sleep(60)
"""


def test_a_second_interrupt_does_not_spare_the_adapter(tmp_path: Path) -> None:
    waiting = "from streamstate.oracle.adapters import child\nchild._HURRIED_END = 60\nmain()\n"
    command = (sys.executable, "-c", SELF.replace("main()\n", waiting), "check", "--timeout", "50")
    adapter = (sys.executable, "-c", INTERRUPTING_ITS_END)
    with subprocess.Popen(
        (*command, "--", *adapter), cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        number = _number_in(tmp_path / "pid")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)  # without the second, 60 more seconds
    assert (process.returncode, said) == (130, "Interrupted.\n")
    assert not is_there(number)


WRONG_THEN_SILENT = """\
import os, sys, time
from tests.oracle.broken_adapter import serve, value_is_wrong
if os.path.exists("first"):
    print(os.getpid(), file=open("pid", "w"), flush=True)
    time.sleep(60)
open("first", "w").close()
serve(value_is_wrong)
"""
WRONG = "from tests.oracle.broken_adapter import serve, value_is_wrong; serve(value_is_wrong)"
RIGHT = "from streamstate.cli import main; import sys; sys.argv[1:] = ['reference']; main()"
SENDING_WHILE_DRIVING = """\
import os
from streamstate.oracle.campaign.driving import Campaign
compare = Campaign._compare
def comparing(self, *given):
    compare(self, *given)
    if self.tally.programs == 100:
        os.kill(os.getpid(), signal.SIGTERM)
Campaign._compare = comparing
"""
OURS = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
PROGRAM = '[["create"],["push",1,"YQ=="],["pull",1]]'
REPORTS = ("--json", "a.json", "--junit", "a.xml", "--html", "a.html")


def require_told(folder: Path, said: str, verdict: str) -> None:
    """All reports are there, and say that and that it was stopped."""
    report = json.loads((folder / "a.json").read_text())
    assert (report["verdict"], report["stopped"]) == (verdict, True)
    assert bool(report["deviations"]) is (verdict == "deviates")
    assert "t was stopped " in said
    assert all((folder / file).stat().st_size for file in ("a.xml", "a.html"))


@pytest.mark.parametrize(
    ("adapter", "verdict", "status"), [(WRONG, "deviates", 1), (RIGHT, "inconclusive", 3)]
)
def test_a_signal_while_programs_are_driven_loses_nothing(
    adapter: str, verdict: str, status: int, tmp_path: Path
) -> None:
    script = SELF.replace("main()\n", f"{SENDING_WHILE_DRIVING}main()\n")
    command = (sys.executable, "-c", script, "check", *REPORTS, "--", sys.executable, "-c", adapter)
    done = subprocess.run(
        command, cwd=tmp_path, env=OURS, capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    require_told(tmp_path, done.stdout, verdict)


def test_a_signal_while_causes_are_looked_for_loses_nothing(tmp_path: Path) -> None:
    options = ("check", *REPORTS, "--program", PROGRAM, "--timeout", "50")
    command = (sys.executable, "-c", SELF, *options, "--", sys.executable, "-c", WRONG_THEN_SILENT)
    with subprocess.Popen(
        command, cwd=tmp_path, env=OURS, stdout=subprocess.PIPE, text=True
    ) as process:
        adapter = _number_in(tmp_path / "pid")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    require_told(tmp_path, said, "deviates")
    assert not is_there(adapter)


def test_a_signal_that_comes_while_the_adapter_is_started_does_not_spare_it(
    tmp_path: Path,
) -> None:
    starting = """\
import os, subprocess, time
start = subprocess.Popen.__init__
def starting(self, *given, **options):
    start(self, *given, **options)
    while not (os.path.exists("pid") and os.path.getsize("pid")):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    os.getpid()
subprocess.Popen.__init__ = starting
"""
    script = SELF.replace("main()\n", f"{starting}main()\n")
    command = (sys.executable, "-c", script, "check", "--", sys.executable, "-c", SILENT)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, "SIGTERM.\n")
    assert not is_there(_number_in(tmp_path / "pid"))


def test_an_interrupt_before_all_is_imported_shows_no_traceback() -> None:
    importing = SELF.replace("main()\n", "sys.meta_path.insert(0, Interrupting())\nmain()\n")
    command = (sys.executable, "-c", SENDING + importing, "dialects")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_a_signal_that_is_ignored_stays_so() -> None:
    ignoring = SELF.replace("main()\n", "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nmain()\n")
    sending = SENDING.replace("SIGINT", "SIGHUP") + ignoring
    importing = sending.replace("\nmain()", "\nsys.meta_path.insert(0, Interrupting())\nmain()")
    command = (sys.executable, "-c", importing, "adapter", "go")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
