"""A report is read as the verdict that it was written from, or refused in a line that says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, TypeAlias

import pytest

from streamstate import __version__
from streamstate.oracle.reports.html import as_html
from streamstate.oracle.reports.junit import as_junit
from streamstate.oracle.reports.reading import ReportError, read_verdict
from streamstate.oracle.reports.terminal import as_text
from tests.oracle.merged import Report, written
from tests.oracle.reported_known import KINDS, verdict_of


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_read_as_the_verdict_that_it_was_written_from(kind: str) -> None:
    verdict = verdict_of(kind)
    tally = replace(verdict.tally, seconds=1.25, seconds_in_all=2.5)  # reports round them
    verdict = replace(verdict, tally=tally)
    read = read_verdict(written(verdict), "it.json", __version__)
    texts = [json.loads(written(each)) for each in (read, verdict)]
    if kind == "flood":  # what is observed is cut, so what is said of it is another text
        assert all(each["deviations"][0].pop("explanation") for each in texts)
    assert texts[0] == texts[1]
    assert (read.outcome, read.exit_code) == (verdict.outcome, verdict.exit_code)
    if "hostile" not in kind and kind != "flood":  # what these say is cut in the report
        assert [line.text for line in as_text(read)] == [line.text for line in as_text(verdict)]
        assert as_junit(read) == as_junit(verdict)


def test_where_it_threw_and_that_policies_are_followed_are_read_back() -> None:
    lines = ('  File "draft.py", line 3, in close', "    self.pulls[0].set_result(None)")
    verdict = verdict_of("another dialect")
    threw = tuple(replace(each, traceback=lines) for each in verdict.deviations)
    assert threw
    assert verdict.nearest is not None
    nearest = replace(verdict.nearest, followed=True)
    read = read_verdict(
        written(replace(verdict, deviations=threw, nearest=nearest)), "it.json", __version__
    )
    assert read.nearest == nearest
    assert all(each.traceback == lines for each in read.deviations)


Spoil: TypeAlias = Callable[[Report], object]


def deviation(found: Report) -> Report:
    first: Report = found["deviations"][0]
    return first


SPOILT: dict[str, tuple[Spoil, str]] = {
    "no object": (lambda found: found.clear(), "report is missing; expected a report of check"),
    "a later format": (lambda found: found.update(report=2), "report is 2; expected 1"),
    "another version": (
        lambda found: found.update(streamstate="9.9"),
        'streamstate is "9.9"; expected 0.1.0, the version that reads it',
    ),
    "a dialect that is none": (
        lambda found: found.update(dialect="plan-02"),
        'dialect: "plan-02" does not match \'^(reference|plan-01|isolate|whatwg)',
    ),
    "a count that is none": (
        lambda found: found.update(programs=-1),
        "programs: -1 is less than the minimum of 0",
    ),
    "a flag for a count": (
        lambda found: found.update(ops=True),
        "ops: true is not of type 'integer'",
    ),
    "seconds in words": (
        lambda found: found.update(seconds="1"),
        "seconds: \"1\" is not of type 'number'",
    ),
    "a rule that is none": (
        lambda found: found["rules"].update(PUSH_0=1),
        "rules: \"PUSH_0\" is not one of ['CREATE_1', ",
    ),
    "a shard that is none": (
        lambda found: found.update(shard={"number": 3, "of": 2}),
        'shard is {"number": 3, "of": 2}; expected number from 1 to of',
    ),
    "a deviation behind its program": (
        lambda found: deviation(found).update(at=3),
        "deviations[0].at is 3; expected the number of an op of 3, from 0",
    ),
    "an answer that is none": (
        lambda found: deviation(found).update(observed=[None]),
        "deviations[0].observed is [null]; expected an answer",
    ),
    "an op that is none": (
        lambda found: deviation(found).update(program=[["peek", 1]]),
        'deviations[0].program: program[0] is ["peek", 1]: unknown op "peek"',
    ),
    "a program as text": (
        lambda found: deviation(found).update(program='[["create"]]'),
        'deviations[0].program: "[[\\"create\\"]]" is not of type \'array\'',
    ),
    "suites that are none": (
        lambda found: found.update(suites={}),
        "suites: {} is not of type 'array'",
    ),
    "excused by nobody": (
        lambda found: found.update(
            known=[], excused=[{**deviation(found), "where": "x", "reason": "so", "url": None}]
        ),
        'excused[0].where is "x"; expected an entry of known that stands',
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_wrong_with_a_report_is_named_in_a_line(name: str) -> None:
    spoil, message = SPOILT[name]
    found = json.loads(written(verdict_of("one cause")))
    spoil(found)
    with pytest.raises(ReportError) as error:
        read_verdict(json.dumps(found).encode(), "it.json", __version__)
    assert str(error.value).startswith(f"it.json: {message}")
    assert "\n" not in str(error.value)


def test_whatever_is_in_a_report_it_is_read_or_refused() -> None:
    """Any value put in any place is either harmless or named; never a traceback, in any report."""
    random = Random(1)
    texts = [written(verdict_of(kind)) for kind in ("one cause", "excused", "never started")]
    odd: tuple[object, ...] = (
        None,
        -1,
        10**30,
        True,
        "",
        "\x1b[31m",
        [],
        [[]],
        {},
        {"a": 1},
        1e999,
        [1, [2]],
        "push",
    )
    refused = 0
    for _ in range(120):
        found = json.loads(random.choice(texts))
        _put(found, random.choice(odd), random)
        said = _said_of(found)
        assert "\x1b" not in said
        refused += said.startswith("it.json: ")
    assert 50 < refused < 120


def _said_of(found: Report) -> str:
    """All reports that are made of one that is read, or why it is refused."""
    try:
        read = read_verdict(json.dumps(found).encode(), "it.json", __version__)
    except ReportError as error:
        return str(error)
    return "\n".join((*(line.text for line in as_text(read)), as_junit(read), as_html(read)))


def _put(found: Any, value: object, random: Random) -> None:
    """Put `value` in some place of a report."""
    while True:
        keys = list(found) if isinstance(found, dict) else range(len(found))
        key = random.choice(list(keys))
        inner = found[key]
        if not isinstance(inner, (dict, list)) or not inner or random.random() < 0.3:
            found[key] = value
            return
        found = inner
