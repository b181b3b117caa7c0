"""The screen says what is in a verdict, in these words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from streamstate import semantics
from streamstate.model import REFERENCE, Create, Error, IsQueueFull, Pull, Push, Rule
from streamstate.oracle.reports.html import as_html
from streamstate.oracle.reports.junit import as_junit
from streamstate.oracle.reports.lines import WIDTH
from streamstate.oracle.reports.rows import Omitted, Step, rows
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.reports.view import MOST_SHOWN
from streamstate.oracle.reports.wording import fits
from streamstate.wire import Json
from tests.oracle.reported import deviation_at_the_end, screen, written
from tests.oracle.reported_known import KINDS, verdict_of


@pytest.mark.parametrize("kind", KINDS)
def test_the_screen_is_one(kind: str) -> None:
    verdict = verdict_of(kind)
    lines = list(as_text(verdict))
    assert len(lines) <= 25 + 20 * min(len(verdict.deviations), MOST_SHOWN)
    table = [line.text for line in lines if line.text.startswith(("     ", "   ✗"))]
    assert max(map(len, table), default=0) <= WIDTH + 40  # a long word of the stderr is not broken


def test_deviations_after_the_first_have_a_line_each() -> None:
    verdict = verdict_of("hostile")
    verdict = replace(verdict, deviations=verdict.deviations * (MOST_SHOWN + 1))
    shown = screen(verdict)
    numbered = re.findall(r"^(\d+)\. ", shown, re.MULTILINE)
    assert numbered == [str(number) for number in range(1, len(verdict.deviations) + 1)]
    whole = min(len(verdict.deviations), MOST_SHOWN)
    assert len(re.findall(r" program +expected +observed$", shown, re.MULTILINE)) == whole


HEADLINES = {
    "conforms": "conforms to reference.",
    "one cause": "deviates from reference: 1 distinct cause, in 1 of 35 programs.",
    "excused": "conforms to reference but for 1 known deviation.",
    "excused, one entry out of date": "conforms to reference but for 1 known deviation.",
    "one excused, one not": (
        "deviates from reference: 1 distinct cause besides 1 known deviation, in 1 of 35 programs."
    ),
    "untested": "was not tested: nothing was run.",
    "inconclusive": "deviates, but the budget ran out before anything was proved.",
}


@pytest.mark.parametrize("kind", HEADLINES)
def test_the_first_line_says_it_all(kind: str) -> None:
    first_line = screen(verdict_of(kind)).splitlines()[0]
    assert re.sub(r"\d+ of \d+ programs", "1 of 35 programs", first_line).endswith(HEADLINES[kind])


def test_the_screen_says_what_is_excused_and_why() -> None:
    shown = screen(verdict_of("excused"))
    assert "Known deviations: 2 of 2 stand.\n  CLOSE_2 (known.toml, line 1): so be it " in shown
    assert "(https://example.org/1)" in shown
    assert "  CLOSE_2 (known.toml, line 17): It excuses nothing here. the same\n" in shown
    outdated = screen(verdict_of("excused, one entry out of date"))
    assert (
        "Known deviations: 1 of 2 stand.\n  CREATE_1 (known.toml, line 9): Its program" in outdated
    )


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        *(("conforms", 0), ("one cause", 1), ("never started", 3), ("excused", 0)),
        *(("excused, one entry out of date", 1), ("one excused, one not", 1), ("untested", 3)),
        ("inconclusive", 3),
    ],
)
def test_exit_codes(kind: str, code: int) -> None:
    assert verdict_of(kind).exit_code == code


def test_a_part_says_which() -> None:
    assert "This is part 2 of 3 of the plan.\n" in screen(verdict_of("part"))
    assert written(verdict_of("part"))["shard"] == {"number": 2, "of": 3}
    assert "This is part 2 of 3 of the plan." in as_html(verdict_of("part"))


def test_what_is_excused_counts_for_what_an_implementation_is() -> None:
    """A dialect that explains all but what is excused does not explain everything."""
    verdict = verdict_of("excused")
    assert verdict.nearest is not None
    assert not fits(verdict, replace(verdict.nearest, deviating=0))


SEEN_ELSEWHERE = """\
1. Probably caused at ERROR_10, seen at PULL_6
   error on an errored stream MUST replace its error value and change nothing else,
   where repeated_error is replace.

     minimal program    expected                      observed
     create()           returns 1                     as expected
     error(1, 'e1')     nothing to see                as expected
     pull(1) as pull 1  pull 1 is rejected with 'e1'  as expected
     error(1, 'e2')     nothing to see                as expected
   ✗ pull(1) as pull 2  pull 2 is rejected with 'e2'  pull 2 is rejected with 'e1'
"""


def test_a_cause_that_shows_elsewhere() -> None:
    observed: Json = [None, [[2, "error", "e1"]]]
    again = (Create(), Error(1, "e1"), Pull(1), Error(1, "e2"), Pull(1))
    one = deviation_at_the_end(Rule.ERROR_10, Rule.PULL_6, observed, *again)
    shown = screen(replace(verdict_of("another dialect"), deviations=(one,)))
    assert SEEN_ELSEWHERE in shown


INSTEAD = """\
It follows whatwg (overlapping_pull=queue, errored_backlog=drop,
error_when_closed=while_queued, repeated_error=keep) instead: all 17 programs that tell
dialects apart fit. The hazards of that dialect: unbounded-pulls, dropped-bytes,
unbounded-queue.
"""


def test_what_it_is_instead() -> None:
    shown = re.sub(r"all \d+ programs", "all 17 programs", screen(verdict_of("another dialect")))
    assert f"{INSTEAD}   Check against it: streamstate check --dialect whatwg\n" in shown


def test_long_programs_are_cut_in_the_middle() -> None:
    turns = (op for n in range(30) for op in (Push(1, bytes([n])), Pull(1)))  # no two rounds alike
    program = (Create(), *turns, IsQueueFull(1))
    rule = Rule.IS_QUEUE_FULL_3
    shown = rows(deviation_at_the_end(rule, rule, [True, []], *program), REFERENCE, 12)
    assert len(shown) == 12
    assert sum(1 if isinstance(row, Step) else row.ops for row in shown) == len(program)
    assert [str(row) for row in shown if isinstance(row, Omitted)] == ["… 51 ops"]
    assert isinstance(shown[-1], Step)
    assert shown[-1].deviates


def test_long_runs_of_the_like_are_cut() -> None:
    program = (Create(), *(Push(1, b"a"),) * 20, IsQueueFull(1))
    rule = Rule.IS_QUEUE_FULL_2
    shown = rows(deviation_at_the_end(rule, rule, [False, []], *program), REFERENCE, 12)
    assert [str(row) for row in shown if isinstance(row, Omitted)] == ["… 18 more of the same"]


def test_rules_lead_to_where_they_are_published(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = verdict_of("one cause")
    assert "   Read on: streamstate rule CLOSE_2\n" in screen(verdict)
    assert "Read on: streamstate rule CLOSE_2" in as_junit(verdict)
    assert "https:" not in as_html(verdict)
    monkeypatch.setattr(semantics, "PUBLISHED", "https://streams.example/rules.html")
    address = "https://streams.example/rules.html#close_2"
    assert f"   Read on: {address}\n" in screen(verdict)
    assert f"Read on: {address}" in as_junit(verdict)
    assert f'<a href="{address}">CLOSE_2</a>' in as_html(verdict)
