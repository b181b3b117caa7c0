"""`check --known` and `--write-known`: deviations that somebody has accepted."""

from __future__ import annotations

from pathlib import Path

from tests.cli.commands import OVERLAPPING, PLAN_01, read_report, run


def test_known_deviations_are_written_given_reasons_and_excused(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    program = ("--program", OVERLAPPING)
    first = run("check", *program, "--write-known", str(file), "--", *PLAN_01)
    assert first.exit_code == 1
    unread = run("check", *program, "--known", str(file), "--", *PLAN_01)
    assert unread.exit_code == 2
    assert "known.toml, line 1: reason is ''; expected text" in unread.output
    file.write_text(file.read_text().replace('reason = ""', 'reason = "so \\u001b[31mbe it"'))
    known = ("--known", str(file), "--write-known", str(file))
    report = tmp_path / "report.json"
    excused = run("check", *program, *known, "--json", str(report), "--", *PLAN_01)
    assert excused.exit_code == 0
    assert "conforms to reference but for 1 known deviation.\n" in excused.output
    assert "Known deviations: 1 of 1 stand." in excused.output
    assert "PULL_10" in excused.output
    assert "so be it" in excused.output
    (entry,) = read_report(report)["known"]
    (deviation,) = read_report(report)["excused"]
    assert deviation["reason"] == entry["reason"] == "so \x1b[31mbe it"
    assert entry["standing"] == "stands"
    assert entry["excuses"] == ["PULL_10"]
    assert "be it" in file.read_text()  # what was written is what was known


def test_a_known_deviation_that_is_gone_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        f"[[deviation]]\nrule = 'PULL_10'\nprogram = '{OVERLAPPING}'\nreason = 'once'\n"
        f"[[deviation]]\nrule = 'PULL_10'\nprogram = '{OVERLAPPING}'\nreason = 'elsewhere'\n"
        "dialect = 'isolate'\n"
    )
    done = run("check", "--program", OVERLAPPING, "--known", str(file))
    assert done.exit_code == 1
    assert "PULL_10" in done.output
    shown = " ".join(done.output.split())
    assert "known.toml, line 1): Its program no longer deviates" in shown
    assert "0 of 1 stand" in shown


def test_known_deviations_of_what_cannot_run_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        f"[[deviation]]\nrule = 'PULL_10'\nprogram = '{OVERLAPPING}'\nreason = 'once'\n"
    )
    done = run("check", "--known", str(file), "--", "/no/such/adapter")
    assert done.exit_code == 3
    assert "Its program was not answered." in done.output
