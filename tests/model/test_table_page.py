"""docs/reference/the-table.md is made from the table, and answers what people ask."""

from __future__ import annotations

from typing import Final

import pytest

from streamstate.model import Rule
from tests.model.table_page import PAGE, PARTS, written

TEXT: Final = PAGE.read_text(encoding="utf-8")


def test_page_is_the_one_that_the_table_makes() -> None:
    assert written(TEXT) == TEXT, "run python -m tests.model.table_page"


def test_page_that_is_out_of_date_is_seen() -> None:
    old = TEXT.replace("| errored_backlog is drain |", "| errored_backlog is hold |", 1)
    assert old != TEXT
    assert written(old) == TEXT


@pytest.mark.parametrize("part", PARTS)
def test_page_without_a_place_for_a_part_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match=f"expected <!-- {part} -->"):
        written(TEXT.replace(f"<!-- {part} -->", ""))


def test_page_has_every_rule() -> None:
    assert [rule.name for rule in Rule if rule.name not in TEXT] == []


QUESTIONS: Final = (
    (
        "What does error do to queued chunks after close, where errored_backlog is drop?",
        "error",
        ("CLOSED, at SOME or FULL", "errored_backlog is drop", "drop every queued chunk"),
    ),
    (
        "I give up a pull that was handed a chunk, and the stream was deleted: is the chunk lost?",
        "cancel_pull of a pull that was handed a chunk nobody has seen",
        ("CANCEL_PULL_8", "ABSENT", "end the hold of the pull on its chunk"),
    ),
    (
        "Two pulls wait: which one gets the next chunk?",
        "push",
        ("other pulls wait", "hand the pushed chunk to the oldest waiting pull"),
    ),
    (
        "A second pull comes while one waits, in reference: what happens to the first?",
        "pull",
        ("overlapping_pull is supersede", "reject the waiting pull as superseded"),
    ),
    (
        "Does a full queue take one more chunk?",
        "push",
        ("OPEN, at FULL", "push_when_full is accept", "**return true**"),
    ),
    (
        "Is a pull done on a closed stream that has chunks left?",
        "pull",
        ("CLOSED, at SOME or FULL", "hand the oldest queued chunk to the pull"),
    ),
    (
        "A writer waits for room and the stream is closed: is it told?",
        "close",
        ("OPEN", "UNBLOCK where it leaves OPEN_FULL"),
    ),
    (
        "Which of two errors does a later pull get?",
        "error",
        ("repeated_error is replace", "store the error value given"),
    ),
    (
        "Is an unknown stream full?",
        "is_queue_full",
        ("ABSENT", "**return true**"),
    ),
    (
        "A chunk is given back to a full queue: is it dropped?",
        "cancel_pull of a pull that was handed a chunk nobody has seen",
        ("OPEN or CLOSED", "put the pull's unseen chunk back at its place"),
    ),
    (
        "Are pulls that wait on a stream that is deleted done?",
        "delete",
        ("WAITING", "reject every waiting pull as deleted, oldest first"),
    ),
)
"""What somebody asks who settles an argument, the op to look under, and what one row there says."""


@pytest.mark.parametrize(("question", "op", "answer"), QUESTIONS, ids=lambda each: str(each)[:60])
def test_one_row_answers(question: str, op: str, answer: tuple[str, ...]) -> None:
    section = TEXT.partition(f"\n### {op}\n")[2].partition("\n### ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| [")]
    assert [row for row in rows if all(part in row for part in answer)], question
