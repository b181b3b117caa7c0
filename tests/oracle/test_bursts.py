"""Ops in one turn: which are asked for, at which of them an answer differs, what suites have."""

from __future__ import annotations

import pytest

from streamstate.model import (
    REFERENCE,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
)
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Node
from streamstate.oracle.programs.program import program_of, symbol
from streamstate.oracle.suites.complete import Abstraction, CompleteSuite
from streamstate.oracle.suites.complete.abstraction import Speller, written
from streamstate.oracle.suites.complete.catalogue import (
    BURSTS,
    BURSTS_AT_THE_LIMIT,
    BURSTS_OF_STREAMS,
    SHOWN_BURSTS,
    abstractions,
)
from streamstate.oracle.suites.complete.named_answers import named_answer
from streamstate.oracle.suites.races import is_answered_in_one_way
from streamstate.oracle.verdict.deviation import Difference, Kind
from streamstate.oracle.verdict.within_a_turn import rule_within
from streamstate.wire import Json, Together, Turn

MODEL = CachedModel(REFERENCE)
EVERY = (BURSTS, BURSTS_OF_STREAMS, BURSTS_AT_THE_LIMIT, SHOWN_BURSTS)


def after(*turns: Turn) -> Node:
    links = MODEL.expect(program_of(turns)).links
    return links[-1].target if links else MODEL.root


@pytest.mark.parametrize(
    ("before", "ops", "asked"),
    [
        ((Create(), Pull(1)), (Push(1, b"a"), Push(1, b"b")), True),
        ((Create(), Pull(1)), (Push(1, b"a"), Push(1, b"b"), Pull(1)), False),  # 1 waited, 2 not
        ((Create(), Pull(1)), (Pull(1), Push(1, b"a")), False),  # 1 is awaited before, 2 is not
        ((Create(), Push(1, b"a")), (Pull(1), Pull(1), Push(1, b"b")), False),
        ((Create(), Push(1, b"a"), Push(1, b"b")), (Pull(1), Pull(1)), True),
        ((Create(), Create()), (Pull(1), Pull(2), Clear()), True),
        ((Create(), Create()), (Pull(1), Pull(2), Close(2), Close(1)), False),  # awaited in turn
        ((Create(), Create(), Pull(2), Pull(1)), (Push(2, b""), Delete(1)), True),
    ],
)
def test_no_more_is_asked_than_all_answer_alike(
    before: tuple[Op, ...], ops: tuple[Op, ...], asked: bool
) -> None:
    assert is_answered_in_one_way(MODEL, after(*before), Together(ops)) is asked


def differing(before: tuple[Op, ...], ops: tuple[Op, ...], kind: Kind, observed: Json) -> object:
    turn = Together(ops)
    link = MODEL.link(after(*before), symbol(turn))
    return rule_within(link, turn, Difference(0, kind, "", link.json, observed))


def test_the_op_is_named_at_which_the_answer_differs() -> None:
    ops = (Close(1), Push(1, b"a"), IsQueueFull(1))
    returned = Kind.RETURNED
    rule = differing((Create(),), ops, returned, [[None, True, False], []])
    assert str(rule).endswith("PUSH_2")
    rule = differing((Create(),), ops, returned, [[None, False, True], []])
    assert str(rule).endswith("IS_QUEUE_FULL_3")
    pulled = (Pull(1), Close(1), Error(1, "e"))
    rule = differing((Create(),), pulled, Kind.MISSING, [[None, None, None], []])
    assert str(rule).endswith("CLOSE_2")
    rule = differing((Create(),), (Push(1, b"a"), Pull(1)), Kind.EXTRA, [[True, None], [1, 2]])
    assert str(rule).endswith("PULL_2")


def test_a_view_shows_what_the_op_before_it_did() -> None:
    view: Json = {"queue": ["AA=="]}
    rule = differing((Create(),), (Push(1, b"a"), Get(1)), Kind.VIEW, [[True, view], []])
    assert str(rule).endswith("PUSH_5")
    assert differing((Create(),), (Get(1), Close(1)), Kind.VIEW, [[view, None], []]) is None


def test_streams_of_a_burst_are_counted_from_the_newest_as_it_goes() -> None:
    turn = Together((Create(), Push(1, b"\0"), Push(2, b"\0"), Error(1, "")))
    expected = Together((Create(), Push(3, b"\4"), Push(2, b"\5"), Error(3, "e6")))
    assert written(turn, 4, 3).op == expected


def test_every_chunk_of_a_program_is_its_own() -> None:
    burst = BURSTS.turns.index(Together((Push(1, b"\0"), Push(1, b"\0"))))
    program = Speller(BURSTS, CachedModel(REFERENCE)).program((burst, burst))
    chunks = [op.chunk for turn in program[1:] for op in inner(turn.op) if isinstance(op, Push)]
    assert chunks == [b"\1", b"\2", b"\3", b"\4"]
    first = Speller(BURSTS_AT_THE_LIMIT, CachedModel(REFERENCE)).program((0,))[-1]
    assert first.op == Push(1, b"\2")  # the chunk of the setup is told from it


def inner(turn: Turn) -> tuple[Op, ...]:
    assert isinstance(turn, Together)
    return turn.ops


def test_an_answer_to_a_burst_has_names_for_what_its_ops_bring() -> None:
    node = after(Create(), Pull(1))
    turn = symbol(Together((Push(1, b"a"), Create())))
    said = named_answer(node, turn, MODEL.link(node, turn).json)
    assert "pull 0 of 1" in said
    assert "the chunk of op 0" in said
    assert "the new stream of op 1" in said


@pytest.mark.parametrize(
    ("abstraction", "states", "turns", "programs"),
    [
        (BURSTS, 9, 155, 2_192),
        (BURSTS_OF_STREAMS, 16, 72, 837),
        (BURSTS_AT_THE_LIMIT, 6, 39, 266),
        (SHOWN_BURSTS, 14, 42, 560),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_suites_are_small(
    abstraction: Abstraction, states: int, turns: int, programs: int
) -> None:
    suite = CompleteSuite(abstraction, MODEL, 0)
    assert (len(suite.reduced), len(abstraction.turns), len(suite.words)) == (
        states,
        turns,
        programs,
    )
    assert suite.certificate(0).inputs[-1] == f"any {abstraction.most_together} of these together"


def test_bursts_are_for_those_that_offer_together() -> None:
    assert set(EVERY) - set(abstractions({"get", "limits", "fill", "cancel"})) == set(EVERY)
    assert set(EVERY) - set(abstractions({"together"})) == {SHOWN_BURSTS}
    assert set(EVERY) <= set(abstractions({"together", "get"}))
