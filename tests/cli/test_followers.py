"""`streamstate dialects` names who follows each point of the lattice, as the rows have it."""

from __future__ import annotations

import pytest

from streamstate.cli.followers import Follower, by_nearest, followers, in_words
from streamstate.model import WHATWG, Dialect, lattice
from tests.cli.commands import run
from tests.oracle.foreign_rows import rows

ROWS = {row.name: row.known for row in rows()}


def _named(dialect: Dialect) -> set[str]:
    return {each.name for each in followers() if each.follows(dialect)}


def test_a_follower_is_who_no_answer_speaks_against() -> None:
    for dialect in lattice():
        assert _named(dialect) == {
            name
            for name, known in ROWS.items()
            if all(getattr(dialect, field) in ok for field, ok in known.behaviour.fields.items())
        }


def test_each_row_is_nearest_to_one_dialect_which_it_follows() -> None:
    found = [(each, dialect) for dialect, those in by_nearest() for each in those]
    assert sorted(each.name for each, _ in found) == sorted(ROWS)
    assert all(each.nearest == dialect and each.follows(dialect) for each, dialect in found)


def test_one_field_that_is_another_makes_no_follower() -> None:
    apart = {"ReadableStream of workerd", "ReadableStream of Node"}
    assert _named(WHATWG) & apart == {"ReadableStream of Node"}
    assert _named(Dialect.parse("whatwg+error_when_closed=ignore")) & apart == {
        "ReadableStream of workerd"
    }


@pytest.mark.parametrize(
    ("leaves", "fitting", "said"),
    [
        ((), ("hold",), "a queue 1"),
        (("PULL_5",), ("hold",), "a queue 1, but for PULL_5"),
        (("PULL_5", "the order at close"), ("hold", "drain", "drop"),
         "a queue 1, whatever its errored_backlog, but for PULL_5 and the order at close"),
    ],
)  # fmt: skip
def test_a_follower_in_words(leaves: tuple[str, ...], fitting: tuple[str, ...], said: str) -> None:
    fits = {"errored_backlog": fitting}
    assert in_words(Follower("a queue", "1", WHATWG, fits, leaves), untold=True) == said


def test_the_command_names_them() -> None:
    told = run("dialects", "whatwg").output.partition("Followers of whatwg\n")[2]
    assert "Nearest" not in told
    for name in _named(WHATWG):
        assert f"  {name} {ROWS[name].version}" in told
    assert "none that we know of" in run("dialects", "whatwg+overlapping_pull=supersede").output
    everybody = " ".join(run("dialects").output.partition("Nearest")[2].split())
    assert all(f"{name} {known.version}" in everybody for name, known in ROWS.items())
