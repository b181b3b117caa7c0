"""`merge`: the reports on all shards as one, on the screen and in files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streamstate.cli.commands import cli
from streamstate.model import Rule
from streamstate.oracle.joining import whole
from streamstate.oracle.reports.html import as_html
from streamstate.oracle.reports.junit import as_junit
from streamstate.oracle.reports.terminal import as_text
from tests.oracle.certified_plan import SOUND
from tests.oracle.merged import parts_of, written
from tests.oracle.reported_known import verdict_of
from tests.thorough import one_in


def merge(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["merge", *map(str, arguments)])


def files(folder: Path, name: str, of: int) -> list[Path]:
    names = []
    for part in parts_of(name, of):
        names.append(folder / part.file)
        names[-1].write_bytes(written(part.verdict))
    return names


@pytest.mark.parametrize(("name", "status"), one_in(2, [(SOUND, 0), ("FullTooLate", 1)]))
def test_merge_says_and_writes_the_verdict_of_the_whole(
    tmp_path: Path, name: str, status: int
) -> None:
    (tmp_path / "parts").mkdir()
    reports = [tmp_path / "json", tmp_path / "junit", tmp_path / "html"]
    options = [each for file in reports for each in (f"--{file.name}", file)]
    done = merge(*files(tmp_path / "parts", name, 2), *options)
    assert done.exit_code == status
    verdict = whole(parts_of(name, 2))
    assert done.output == "".join(f"{line.text}\n" for line in as_text(verdict))
    assert json.loads(reports[0].read_text()) == json.loads(written(verdict))
    assert reports[1].read_text() == as_junit(verdict)
    explorer = f"{reports[2].name}-explorer.html" if verdict.deviations else ""
    assert reports[2].read_text() == as_html(verdict, explorer=explorer)
    again = merge(reports[0])
    assert (again.exit_code, again.output) == (status, done.output)


def test_merge_runs_a_deviation_again_with_the_command_of_the_shards(tmp_path: Path) -> None:
    names = []
    for part in parts_of("FullTooLate", 2):
        names.append(tmp_path / part.file)
        names[-1].write_bytes(written(replace(part.verdict, command=("run me", "x"))))
    assert " -- 'run me' x\n" in merge(*names).output


def test_merge_shows_every_deviation_whole_on_request(tmp_path: Path) -> None:
    verdict = verdict_of("one cause")
    (one,) = verdict.deviations
    rules = (Rule.CLOSE_1, Rule.CLOSE_2, Rule.CLOSE_3, Rule.CLOSE_4, Rule.CLOSE_5, Rule.PUSH_1)
    several = replace(verdict, deviations=tuple(replace(one, rule=rule) for rule in rules))
    report, junit = tmp_path / "report.json", tmp_path / "junit.xml"
    report.write_bytes(written(several))
    for options, most in (((), 5), (("--all",), 6)):
        done = merge(*options, "--junit", junit, report)
        assert len(re.findall(r" program +expected +observed$", done.output, re.MULTILINE)) == most
        assert junit.read_text().count("The shortest program:") == most


def test_merge_of_what_is_no_report_is_wrong_usage(tmp_path: Path) -> None:
    one, two, three = files(tmp_path, SOUND, 3)
    text = tmp_path / "notes.txt"
    text.write_text("no report")
    for arguments, message in (
        ((), "Missing argument 'REPORT…'"),
        ((one, two), "needs the reports of the other shards: 3/3"),
        ((one, two, two, three), "are both of shard 2/3"),
        ((one, two, text), "notes.txt: not JSON"),
        ((one, tmp_path / "none"), "No such file or directory; expected a report"),
        ((one, tmp_path), "Is a directory; expected a report"),
    ):
        done = merge(*arguments)
        assert done.exit_code == 2
        assert message in done.output
        assert "Traceback" not in done.output
