"""`streamstate table`: the whole table, or what holds in one dialect."""

from __future__ import annotations

import re
from typing import Final

import pytest
from click.testing import CliRunner, Result

from streamstate.cli.commands import cli
from streamstate.cli.rows import situations_of
from streamstate.model import (
    NAMED,
    OF_THE_TABLE,
    POLICIES,
    Dialect,
    Event,
    Level,
    delta,
)
from streamstate.oracle.reports.lines import WIDTH

CLEARING: Final = {"CLEAR_1", "CLEAR_2"}
"""Those of clear where no push waits."""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ("table", *arguments))


def rules_in(output: str) -> list[str]:
    """Those that rows are about, in order."""
    return re.findall(r"^  ([A-Z_]+_\d+) ", output, re.MULTILINE)


def rules_of(dialect: Dialect) -> set[str]:
    return {
        delta(dialect, at, event, after, others).rule.name
        for at in situations_of(dialect)
        for event in Event
        for after in Level
        for others in (False, True)
    }


def test_whole_table_has_every_rule_with_its_conditions() -> None:
    done = run()
    assert done.exit_code == 0
    assert set(rules_in(done.output)) == {rule.name for rule in OF_THE_TABLE}
    assert "PULL_10         WAITING, where overlapping_pull is supersede" in done.output
    assert re.search(r"OPEN_FULL +6 7 9 +2 +3 +4 5 6 +2 +2", done.output)


@pytest.mark.parametrize("name", [*NAMED, "reference+push_when_full=refuse+errored_backlog=drop"])
def test_table_of_a_dialect_has_its_rules_and_asks_for_no_policy(name: str) -> None:
    done = run("--dialect", name)
    assert done.exit_code == 0
    assert set(rules_in(done.output)) == rules_of(Dialect.parse(name)) | CLEARING
    rows = "".join(re.findall(r"^  [A-Z_]+_\d+ .*$", done.output, re.MULTILINE))
    assert [field for field in POLICIES if field in rows] == []
    assert "PUSH_4          WAITING, where two or more pulls wait" in done.output


def test_table_of_a_dialect_has_its_rules_at_a_glance() -> None:
    assert re.search(r"WAITING +4 +10 +2", run("--dialect", "reference").output)
    assert re.search(r"WAITING +4 +12 +2", run("--dialect", "whatwg").output)


def test_a_row_says_where_it_applies_what_is_done_and_where_it_leads() -> None:
    assert PULL_2 in run("--dialect", "reference").output


PULL_2: Final = """\
  PULL_2          OPEN, at SOME or FULL
                  → OPEN at the level after it: hand the oldest queued chunk to the
                    pull; UNBLOCK where it leaves OPEN_FULL
"""


def test_rows_fit_a_terminal() -> None:
    rows = run().output.partition("\ncreate\n")[2]
    assert max(map(len, rows.splitlines())) <= WIDTH


def test_unknown_dialect_is_wrong_usage() -> None:
    done = run("--dialect", "refrence")
    assert done.exit_code == 2
    assert "unknown dialect 'refrence'" in done.output
