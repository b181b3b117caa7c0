"""What a process that is killed loses of its recording: the line that it is writing, no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from streamstate import StreamStateRegistry
from streamstate.oracle.recordings import Outcome
from streamstate.recording import record
from tests.cli.commands import shell
from tests.test_recording import lines, verdict

CHILD = """
import sys
from streamstate import Limits, StreamStateRegistry
from streamstate.recording import record

registry = StreamStateRegistry(limits=Limits(2**40, 2**40))
record(registry, sys.argv[1])
for number in range(10**6):
    registry.push(registry.create(), bytes(int(sys.argv[2])))
    registry.clear()
    print(number, flush=True)
"""


def test_every_line_is_in_the_file_when_the_op_returns(tmp_path: Path) -> None:
    registry = StreamStateRegistry()
    with record(registry, tmp_path / "r.jsonl"):
        for number in range(1, 20):
            registry.create()
            assert len(lines(tmp_path / "r.jsonl")) == 1 + number


@pytest.mark.parametrize("size", [10, 300_000])
def test_of_a_killed_process_all_is_checked_but_one_line(tmp_path: Path, size: int) -> None:
    path = tmp_path / "r.jsonl"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(size)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    done = 0
    while done < 200:  # of three ops each
        done = int(child.stdout.readline()) + 1
    child.kill()
    rest = child.stdout.read().splitlines()
    child.stdout.close()
    child.wait()
    done = int(rest[-1]) + 1 if rest else done
    said = verdict(path)
    assert said.outcome is Outcome.CONFORMS, said
    assert 3 * done <= said.ops <= 3 * done + 3
    told = shell(("trace", str(path)))
    assert told.returncode == 0
    assert f"{said.ops:,} ops" in told.stdout
    assert "recording 1 has no end: its process was killed, or still writes" in told.stdout or (
        "the last, is cut off; the rest was checked" in told.stdout
    )


def test_a_line_that_was_cut_by_the_kill_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    registry = StreamStateRegistry()
    with record(registry, path):
        for _ in range(3):
            registry.create()
    written = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(written[:3]) + written[3][:20])
    assert verdict(path).remarks == ("line 4, the last, is cut off; the rest was checked",)
    assert verdict(path).ops == 2
