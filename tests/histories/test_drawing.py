"""What is drawn, to the letter."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from streamstate.histories import History, NotLinearizable, check
from streamstate.histories.drawing import drawn
from streamstate.histories.page import page
from streamstate.histories.picture import MOST_CALLS, picture
from streamstate.histories.report import Report, headline, report_json
from streamstate.model import Close, Create, Delete, Pull, Push
from tests.histories.races import RACES
from tests.histories.scheduled import history as raced
from tests.histories.test_verdicts import FITS_NOT
from tests.histories.written import written

OVERTAKEN = written(
    ("main", 0, 1, Create(), 1),
    ("A", 2, 5, Push(1, b"a"), True),
    ("B", 6, 9, Push(1, b"b"), True),
    ("C", 7, 11, Pull(1), b"b"),
    ("A", 8, None, Close(1), "pending"),
    ("B", 12, 14, Pull(1), b"a"),
)

DRAWN = """\
  A            ├1─┤        ├───4────…
  B                  ├───2────┤
  C                     ├───✗3───┤

  No order of these calls has a place for call 3. This order has all the others:
     1  A            push(1, 1 byte 61)  returns true: PUSH_5
     2  B            push(1, 1 byte 62)  returns true: PUSH_5
     4  A            close(1)            has not returned: takes no effect
  ✗  3  C            pull(1)             gets 1 byte 62: has no place
      after those it gets 1 byte 61, by PULL_2:
      PULL_2: pull on an open stream with a chunk queued, on which no push waits, MUST
      take the oldest queued chunk."""

GIVEN_UP = """\
  A            ├───1────┤
  B               ├2─┤     ├3─┤  ├✗4┤

  No order of these calls has a place for call 4. This order has all the others:
     1  A            pull(1)             is given up: PULL_3
     1  A            pull(1)             is given up: CANCEL_PULL_1
     2  B            push(1, 1 byte 61)  returns true: PUSH_5
     3  B            close(1)            returns nothing: CLOSE_3
  ✗  4  B            pull(1)             is done: has no place
      after those it gets 1 byte 61, by PULL_4:
      PULL_4: pull on a stream that is closed, not errored, and has a chunk queued, on
      which no push waits, MUST take the oldest queued chunk."""


def reported(history: History) -> Report:
    return Report("some.jsonl", "reference", len(history.calls), check(history))


def lines_of(history: History) -> str:
    verdict = check(history)
    assert isinstance(verdict, NotLinearizable)
    return "\n".join(line.text for line in drawn(picture(verdict.prefix)))


@pytest.mark.parametrize(
    ("history", "lines"),
    [(OVERTAKEN, DRAWN), (FITS_NOT["a cancelled pull keeps its chunk"], GIVEN_UP)],
    ids=("overtaken", "given up"),
)
def test_lanes_and_rules(history: History, lines: str) -> None:
    assert lines_of(history) == lines


def test_the_headline_says_which_call_and_where() -> None:
    assert headline(reported(OVERTAKEN)) == (
        "some.jsonl: not linearizable in reference: stream 1, as pull(1) of thread C (line 4)"
        " gets 1 byte 62; 6 calls."
    )


def test_the_prefix_is_the_shortest_and_the_rest_is_not_drawn() -> None:
    shown = report_json(reported(OVERTAKEN))
    assert (shown["verdict"], shown["object"], shown["line"]) == ("not linearizable", "stream 1", 4)
    assert shown["shortest"] is True
    assert isinstance(shown["prefix"], list)
    assert len(shown["prefix"]) == 4
    assert shown["linearization"] == [
        {"line": 2, "rule": "PUSH_5", "answer": True},
        {"line": 3, "rule": "PUSH_5", "answer": True},
    ]


@pytest.mark.parametrize("history", FITS_NOT.values(), ids=FITS_NOT)
def test_all_that_has_no_order_can_be_drawn(history: History) -> None:
    verdict = check(history)
    assert isinstance(verdict, NotLinearizable)
    shown = picture(verdict.prefix)
    assert sum(bar.culprit for bar in shown.bars) == 1
    assert shown.rows[-1].culprit
    assert "✗" in lines_of(history)


def test_of_a_long_prefix_the_end_is_drawn_and_what_the_chunk_was_pushed_by() -> None:
    lines = [("A", 2 * at, 2 * at + 1, Push(1, b"%d" % at), True) for at in range(1, 60)]
    end = ("B", 200, 201, Pull(1), b"2")
    history = written(("main", 0, 1, Create(), 1), *lines, end)
    verdict = check(history)
    assert isinstance(verdict, NotLinearizable)
    shown = picture(verdict.prefix)
    assert len(shown.bars) == MOST_CALLS
    assert shown.left_out == 60 - MOST_CALLS
    ops = [row.op for row in shown.rows]
    assert ops[:3] == ["push(1, 1 byte 31)", "push(1, 1 byte 32)", "push(1, 2 bytes 34 37)"]


def test_threads_that_call_twice_at_a_time_get_two_rows() -> None:
    history = written(
        ("main", 0, 1, Create(), 1),
        ("A", 2, 6, Push(1, b"a"), True),
        ("A", 3, 7, Push(1, b"b"), True),
        ("A", 8, 9, Delete(1), None),
        ("B", 10, 11, Pull(1), b"a"),
    )
    assert (
        lines_of(history).splitlines()[:3]
        == [
            "  A            ├───1────┤  ├3─┤",
            "  A               ├───2────┤",
            "  B                              ├✗4┤",
        ]
        or lines_of(history).count("  A   ") >= 2
    )


def test_the_page_is_well_formed_and_uses_nothing_from_elsewhere() -> None:
    reports = [reported(raced(race, seed)) for race in RACES[:3] for seed in range(4)]
    text = page([reported(OVERTAKEN), *reports])
    assert "http" not in text.replace("http-equiv", "")
    root = ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>\n"))
    found = [each for each in root.iter("section") if each.find("figure") is not None]
    bad = [each for each in reports if each.word == "not linearizable"]
    assert len(found) == 1 + len(bad)
    assert bad


def test_what_a_history_says_stays_text() -> None:
    history = written(("<b>", 0, 1, Pull(1), b"x"))
    text = page([reported(history)])
    assert "<b>" not in text
    assert "&lt;b&gt;" in text
