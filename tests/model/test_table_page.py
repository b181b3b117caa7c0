"""docs/reference/the-table.md is made from the table, and answers what people ask."""

from __future__ import annotations

from itertools import combinations, product
from typing import Final

import pytest

from streamstate.cli.rows import numbers_at, rows_of, unblocking
from streamstate.model import (
    BLOCKED,
    OF_THE_TABLE,
    POLICIES,
    Action,
    CancelPull,
    Clear,
    Close,
    Control,
    Create,
    Delete,
    Effect,
    Error,
    Event,
    IsQueueFull,
    Level,
    Limits,
    Op,
    Phase,
    Pull,
    Push,
    Rule,
    Seen,
    State,
    delta,
    explain,
    initial,
    lattice,
    step,
)
from streamstate.model.state import Idle
from streamstate.model.transition import TABLE
from tests.model.table_page import PAGE, PARTS, fields_in_short, values_in_short, written

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
    assert [rule.name for rule in OF_THE_TABLE if rule.name not in TEXT] == []


QUESTIONS: Final = (
    (
        "What does error do to queued chunks after close, where errored_backlog is drop?",
        "error",
        ("CLOSED, at SOME or FULL", "errored_backlog is drop", "drop every queued chunk"),
    ),
    (
        "I give up a pull that was handed a chunk, and the stream was deleted: is the chunk lost?",
        "cancel_pull of a pull that was handed a chunk nobody has seen",
        ("CANCEL_PULL_8", "ABSENT", "drop the pull's unseen chunk"),
    ),
    (
        "Two pulls wait: which one gets the next chunk?",
        "push",
        ("two or more pulls wait", "hand the pushed chunk to the oldest waiting pull"),
    ),
    (
        "A second pull comes while one waits, in reference: what happens to the first?",
        "pull",
        ("overlapping_pull is supersede", "reject the waiting pull as superseded"),
    ),
    (
        "Does a full queue take one more chunk?",
        "push",
        ("OPEN, at FULL or UNBUFFERED", "push_when_full is accept", "**return true**"),
    ),
    (
        "Is a pull done on a closed stream that has chunks left?",
        "pull",
        ("CLOSED, at SOME or FULL", "hand the oldest queued chunk to the pull"),
    ),
    (
        "A writer waits for room and the stream is closed: is it told?",
        "close",
        ("OPEN", "UNBLOCK where it leaves OPEN_FULL or OPEN_UNBUFFERED"),
    ),
    (
        "Which of two errors does a later pull get?",
        "error",
        ("repeated_error is replace", "store the given error value"),
    ),
    (
        "Is an unknown stream full?",
        "is_queue_full",
        ("ABSENT", "**return true**"),
    ),
    (
        "A chunk is given back to a full queue: is it dropped?",
        "cancel_pull of a pull that was handed a chunk nobody has seen",
        (
            "OPEN, CLOSED, PUSHES_WAITING or CLOSING",
            "put the pull's unseen chunk back at its place",
        ),
    ),
    (
        "A push waits, and the stream is closed: is its chunk sent?",
        "close",
        ("PUSHES_WAITING", "turn away every waiting push as closed, oldest first"),
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


def test_rows_and_glance_agree_on_what_can_occur() -> None:
    for event, at in product(Event, Control):
        assert bool(numbers_at(event, at)) == any(at in row.situations() for row in rows_of(event))
    assert {at for at in Control if numbers_at(Event.CANCEL_WAITING, at)} == {Control.WAITING}
    assert {at for at in Control if numbers_at(Event.CREATE, at)} == {Control.ABSENT}


ADDING: Final = {Action.APPEND, Action.GIVE_BACK}


def test_what_unblocks_is_what_the_table_unblocks() -> None:
    found = set()
    for dialect, at, event, after in product(lattice(), BLOCKED, Event, Level):
        entry = delta(dialect, at, event, after, others=False)
        grows = not ADDING.isdisjoint(entry.actions)
        possible = (after is Level.FULL or not grows) and numbers_at(event, at)
        if possible and Action.UNBLOCK in entry.actions:
            found.add((event, entry.rule))
    assert {(event, row.rule) for event, rows in unblocking().items() for row in rows} == found
    assert {event for event, _ in found} == {Event.PULL, Event.CLOSE, Event.ERROR, Event.DELETE}


def test_nothing_unblocks_but_what_leaves_where_a_stream_is_blocked() -> None:
    for dialect, at, event, after, others in product(
        lattice(), Control, Event, Level, (False, True)
    ):
        entry = delta(dialect, at, event, after, others)
        leaves = at in BLOCKED and entry.control not in BLOCKED
        assert (Action.UNBLOCK in entry.actions) == leaves


UNSEEN: Final = {Action.HAND_ON, Action.GIVE_BACK, Action.LET_GO}


def test_only_cancel_pull_and_seen_touch_an_unseen_chunk() -> None:
    touching = {event for event in Event for row in TABLE[event] if not UNSEEN.isdisjoint(row.do)}
    assert touching == {Event.CANCEL_HANDED, Event.SEEN_HANDED}
    assert all(not UNSEEN.isdisjoint(row.do) for event in touching for row in TABLE[event]), (
        "a pull that was handed an unseen chunk is always rid of it"
    )


def test_an_unseen_chunk_is_dropped_where_the_page_says() -> None:
    dropped = {row.rule for row in TABLE[Event.CANCEL_HANDED] if Action.LET_GO in row.do}
    assert dropped == {Rule.CANCEL_PULL_7, Rule.CANCEL_PULL_8}
    for row in TABLE[Event.CANCEL_HANDED]:
        gone = row.phases == (Phase.ABSENT,)
        assert (row.rule in dropped) == (gone or row.when.errored_backlog == ("drop",))


def test_rules_that_do_the_same_are_named() -> None:
    """Besides those, no two rules of an event in the same situations differ in policy alone."""
    twins = {
        (one.rule, two.rule)
        for event in Event
        for one, two in combinations(TABLE[event], 2)
        if one.rule is not two.rule and one._replace(rule=two.rule, when=two.when) == two
    }
    assert twins == {
        (Rule.ERROR_4, Rule.ERROR_5),
        (Rule.CANCEL_PULL_5, Rule.CANCEL_PULL_6),
    }
    for one, two in twins:
        assert f"{one.name} and {two.name} do the same" in TEXT


def test_each_policy_and_each_value_has_short_words() -> None:
    assert list(fields_in_short()) == list(POLICIES)
    assert list(values_in_short()) == [(f, v) for f, values in POLICIES.items() for v in values]


def test_what_is_returned_comes_before_what_is_done() -> None:
    assert "| **return true**; hand the pushed chunk to the oldest waiting pull |" in TEXT
    assert "; **return" not in TEXT


def after(*ops: Op, limits: Limits) -> State:
    state = initial(limits=limits)
    for op in ops:
        state, _ = step(state, op)
    return state


TWO: Final = Limits(high_water_mark=2, max_queue_chunks=2)

OVER: Final[dict[str, tuple[Op, ...]]] = {
    "a chunk larger than the room left": (Push(1, b"a"), Push(1, b"abc")),
    "accept": (Push(1, b"ab"), Push(1, b"c")),
    "a chunk given back": (Push(1, b"ab"), Pull(1), Push(1, b"ab"), CancelPull(1)),
}


@pytest.mark.parametrize("name", OVER)
def test_a_queue_over_its_limits_is_full_until_below_both(name: str) -> None:
    state = after(Create(), *OVER[name], limits=TWO)
    counts = []
    while explain(state, IsQueueFull(1)) is Rule.IS_QUEUE_FULL_2:
        counts.append(measure(state))
        state, _ = step(state, Pull(1))
    assert max(size for _, size in counts) > 2
    assert all(chunks >= 2 or size >= 2 for chunks, size in counts)
    chunks, size = measure(state)
    assert chunks < 2
    assert size < 2


def measure(state: State) -> tuple[int, int]:
    stream = state.find(1)
    assert isinstance(stream, Idle)
    return len(stream.queue.given_back) + len(stream.queue.fresh), stream.queue.size


def test_close_error_delete_and_clear_leave_an_unseen_chunk() -> None:
    state = after(Create(), Push(1, b"a"), Pull(1), limits=TWO)
    assert state.handed
    for op in (Close(1), Error(1, "boom"), Delete(1), Clear()):
        assert step(state, op)[0].handed == state.handed
    for ending in (CancelPull(1), Seen(1)):
        assert step(state, ending)[0].handed == ()


def test_clear_is_the_deletes_of_all_streams_in_the_order_of_creation() -> None:
    ops: tuple[Op, ...] = (Create(), Create(), Pull(2), Create(), Push(3, b"ab"), Pull(1))
    state = after(*ops, limits=TWO)
    deleted = state
    effects: list[Effect] = []
    for number in (1, 2, 3):
        deleted, told = step(deleted, Delete(number))
        effects += told
    assert step(state, Clear()) == (deleted, tuple(effects))
    assert len(effects) == 3
    assert explain(state, Clear()) is Rule.CLEAR_2
    assert explain(deleted, Clear()) is Rule.CLEAR_1
