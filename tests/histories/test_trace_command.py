"""`streamstate trace` of histories, as somebody types it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streamstate.cli.tracing import trace
from streamstate.histories import History
from tests.histories.test_drawing import DRAWN, OVERTAKEN
from tests.histories.test_form import text_of
from tests.histories.test_verdicts import FITS

GOOD = text_of(FITS["two pushes that overlap come out in either order"])
BAD = text_of(OVERTAKEN)
RECORDING = (
    b'{"recording":1,"dialect":"reference","limits":{"high_water_mark":9,"max_queue_chunks":1}}\n'
    b'{"op":["create"],"returned":1,"settled":[]}\n'
)


def run(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(trace, arguments, input=stdin)


def write(path: Path, text: bytes) -> str:
    path.write_bytes(text)
    return str(path)


def test_a_history_is_known_by_its_header_plain_packed_and_on_stdin(tmp_path: Path) -> None:
    plain = run(write(tmp_path / "plain", GOOD))
    packed = run(write(tmp_path / "packed", gzip.compress(GOOD)))
    piped = run("-", stdin=GOOD)
    for result in (plain, packed, piped):
        assert result.exit_code == 0
        said = " ".join(result.output.split())  # lines end where the name of the file has them end
        assert said.endswith("linearizable in reference; 5 calls on 2 objects.")


def test_what_is_not_linearizable_is_drawn(tmp_path: Path) -> None:
    result = run(write(tmp_path / "bad", BAD))
    assert result.exit_code == 1
    assert DRAWN in result.output


def test_it_is_drawn_as_a_page_and_told_as_json(tmp_path: Path) -> None:
    page, report = tmp_path / "page.html", tmp_path / "report.json"
    result = run(write(tmp_path / "bad", BAD), "--html", str(page), "--json", str(report))
    assert result.exit_code == 1
    assert "<svg" in page.read_text()
    assert json.loads(report.read_text())["verdict"] == "not linearizable"


def test_a_bound_that_runs_out_is_no_verdict(tmp_path: Path) -> None:
    result = run(write(tmp_path / "bad", BAD), "--bound", "1")
    assert result.exit_code == 3
    assert "unknown in reference: no verdict on stream 1 (1 steps of the model)" in " ".join(
        result.output.split()
    )


def test_another_dialect_may_make_another_verdict(tmp_path: Path) -> None:
    superseded = FITS["a pull is superseded by one that overlaps it"]
    file = write(tmp_path / "history", text_of(superseded))
    assert run(file).exit_code == 0
    assert run(file, "--dialect", "whatwg").exit_code == 1


def test_recordings_and_histories_are_checked_side_by_side(tmp_path: Path) -> None:
    files = [write(tmp_path / "history", GOOD), write(tmp_path / "recording", RECORDING)]
    result = run(*files, "--json", "-")
    assert result.exit_code == 0
    assert [each["verdict"] for each in json.loads(result.stdout)["files"]] == [
        "linearizable",
        "conforms",
    ]
    assert "2 files: 1 linearizable, 1 conforms; 6 ops." in result.stderr


def test_a_page_of_no_history_is_wrong_usage(tmp_path: Path) -> None:
    result = run(write(tmp_path / "recording", RECORDING), "--html", str(tmp_path / "page"))
    assert result.exit_code == 2
    assert "--html draws histories, and none of the files is one" in result.output
    assert not (tmp_path / "page").exists()


@pytest.mark.parametrize(
    "text", [BAD[:-5], GOOD + b"so\n", GOOD.replace(b"reference", b"klingon")], ids=repr
)
def test_a_broken_history_is_no_verdict(text: bytes, tmp_path: Path) -> None:
    result = run(write(tmp_path / "broken", text))
    assert result.exit_code == 3
    assert "no history that can be checked: line" in " ".join(result.output.split())


def test_no_call_at_all(tmp_path: Path) -> None:
    start: History = FITS["no call at all"]
    assert run(write(tmp_path / "empty", text_of(start))).exit_code == 0
