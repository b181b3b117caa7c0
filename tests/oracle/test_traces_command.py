"""`streamstate trace`, as somebody types it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streamstate.cli.tracing import trace
from tests.oracle.recorded import RECORDING


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(trace, arguments, input=stdin)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "good.jsonl").write_text(RECORDING)
    (tmp_path / "wrong.jsonl").write_text(RECORDING.replace('"AQ=="]]', '"AQI="]]'))
    (tmp_path / "broken.jsonl").write_text(RECORDING.replace('{"op":["error"', '{"op":["error'))
    (tmp_path / "cut.jsonl").write_text(RECORDING[:-30])
    (tmp_path / "letter.txt").write_text("Dear reader,\n\x1b[31mhello\n")
    return tmp_path


SHOWN = """\
good.jsonl: conforms to reference+overlapping_pull=queue; 1 recording, 17 ops.
wrong.jsonl: deviates from reference+overlapping_pull=queue at line 6; 1 recording, 5
  ops.
  ✗ line 6: push(1, 1 byte 01)
      expected: pull 1 gets 1 byte 01
      observed: pull 1 gets 2 bytes 01 02
    PUSH_4: push to a stream on which a pull waits MUST hand the chunk to the oldest
    waiting pull, leave the queue as it is, and return true.
  note: not checked: 12 ops of a recording after its first deviation
broken.jsonl: broken at line 13; up to there it conforms to
  reference+overlapping_pull=queue.
  line 13: '{"op":["error,2,"boom"],"returned":null,"settled":[]}' is not JSON; expected
  one JSON object, in UTF-8
cut.jsonl: conforms to reference+overlapping_pull=queue; 1 recording, 16 ops.
  note: line 18, the last, is cut off; the rest was checked
letter.txt: neither a recording nor an exchange: line 1: 'Dear reader,' is not JSON;
  expected one JSON object, in UTF-8
5 files: 2 conforms, 1 deviates, 1 broken, 1 no recording; 49 ops.
"""


def test_command_on_several_files(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    done = run("good.jsonl", "wrong.jsonl", "broken.jsonl", "cut.jsonl", "letter.txt")
    assert done.exit_code == 3
    assert done.stdout == SHOWN


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("good.jsonl",), 0),
        (("cut.jsonl",), 0),
        (("wrong.jsonl", "good.jsonl"), 1),
        (("letter.txt", "wrong.jsonl"), 2),
        (("letter.txt", "broken.jsonl"), 3),
        (("--dialect", "reference", "good.jsonl"), 1),
        (("--dialect", "nope", "good.jsonl"), 2),
        (("good.jsonl", "missing.jsonl"), 2),
        (("good.jsonl", "."), 2),
        ((), 2),
        (("--json", "missing/report.json", "good.jsonl"), 2),
    ],
)
def test_command_ends_with(
    files: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], code: int
) -> None:
    monkeypatch.chdir(files)
    done = run(*names)
    assert done.exit_code == code
    assert "Traceback" not in done.output


def test_command_reads_stdin_and_writes_a_report(files: Path) -> None:
    wrong = (files / "wrong.jsonl").read_bytes()
    done = run("--json", "-", "-", str(files / "good.jsonl"), stdin=gzip.compress(wrong))
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    assert report["verdict"] == "deviates"
    first, second = report["files"]
    assert (first["file"], second["verdict"], second["deviation"]) == ("stdin", "conforms", None)
    assert first["deviation"] == {
        "line": 6,
        "rule": "PUSH_4",
        "says": first["deviation"]["says"],
        "op": ["push", 1, "AQ=="],
        "at": None,
        "program": None,
        "expected": [True, [[1, "value", "AQ=="]]],
        "observed": [True, [[1, "value", "AQI="]]],
        "explanation": "push(1, 1 byte 01): expected pull 1 gets 1 byte 01; "
        "observed pull 1 gets 2 bytes 01 02",
    }
