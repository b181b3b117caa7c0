"""Dialects: 288 points, four names, one way to write each, and errors that say what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given

from streamstate.model import ISOLATE, NAMED, PLAN_01, POLICIES, REFERENCE, WHATWG, Dialect, lattice
from tests.strategies import dialects


def test_named_dialects_are_what_their_names_say() -> None:
    assert dict(NAMED) == {
        "reference": REFERENCE,
        "plan-01": PLAN_01,
        "isolate": ISOLATE,
        "whatwg": WHATWG,
    }
    assert Dialect() == REFERENCE
    assert Dialect("supersede", "hold", "apply", "replace", "accept") == REFERENCE
    assert PLAN_01.difference(REFERENCE) == {"overlapping_pull": "overwrite"}
    assert Dialect("queue", "drop", "while_queued", "keep", "accept") == WHATWG
    assert ISOLATE.difference(PLAN_01) == {"errored_backlog": "drain"}
    assert REFERENCE.difference(REFERENCE) == {}


def test_lattice_has_every_combination_once() -> None:
    assert len(lattice()) == len(set(lattice())) == 4 * 3 * 3 * 2 * 4
    for field, values in POLICIES.items():
        assert {getattr(point, field) for point in lattice()} == set(values)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("reference", REFERENCE),
        ("plan-01", PLAN_01),
        ("isolate", ISOLATE),
        ("reference+overlapping_pull=queue", Dialect(overlapping_pull="queue")),
        (
            "plan-01+errored_backlog=drop+repeated_error=keep",
            Dialect("overwrite", "drop", repeated_error="keep"),
        ),
        ("plan-01+errored_backlog=drain", ISOLATE),
        ("reference+push_when_full=accept", REFERENCE),
        ("reference+push_when_full=refuse+push_when_full=accept", REFERENCE),
    ],
)
def test_parse(text: str, dialect: Dialect) -> None:
    assert Dialect.parse(text) == dialect


@given(dialects)
def test_str_is_read_back(dialect: Dialect) -> None:
    assert Dialect.parse(str(dialect)) == dialect


def test_str_is_the_shortest_way_to_write_it() -> None:
    assert [str(dialect) for dialect in NAMED.values()] == list(NAMED)
    assert str(Dialect(overlapping_pull="queue")) == "reference+overlapping_pull=queue"
    assert str(Dialect("overwrite", repeated_error="keep")) == "plan-01+repeated_error=keep"
    for dialect in lattice():
        fewest = min(len(dialect.difference(named)) for named in NAMED.values())
        assert str(dialect).count("+") == fewest


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "unknown dialect ''"),
        ("plan-1", "unknown dialect 'plan-1' in 'plan-1'; the named ones are reference, plan-01"),
        ("reference+", r"'' in dialect 'reference\+' is not field=value"),
        ("reference+overlapping_pull", "'overlapping_pull' in dialect"),
        ("reference+colour=red", "'colour=red' in dialect .* with a field of overlapping_pull"),
        ("reference+overlapping_pull=", "overlapping_pull must be one of overwrite, .*; not ''"),
        (
            "reference+repeated_error=drop",
            "repeated_error must be .*; not 'drop'",
        ),
        ("reference + repeated_error=keep", "unknown dialect 'reference '"),
    ],
)
def test_parse_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Dialect.parse(text)


def test_no_dialect_has_a_value_that_its_field_has_not() -> None:
    with pytest.raises(ValueError, match=r"push_when_full must be .* not 'drop'"):
        Dialect(push_when_full="drop")  # type: ignore[arg-type]  # the fault under test
