"""The wire form: read strictly, written canonically, compared exactly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamstate.model import (
    PLAN_01,
    REFERENCE,
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Rule,
    Seen,
)
from streamstate.wire import (
    MAX_ID,
    Json,
    WireError,
    agrees,
    answer,
    compact,
    encode_limits,
    encode_op,
    encode_program,
    parse_limits,
    parse_op,
    parse_program,
    read_json,
    trace,
)

numbers = st.integers(0, MAX_ID)
ops: st.SearchStrategy[Op] = st.one_of(
    st.builds(Create),
    st.builds(Clear),
    st.builds(Push, numbers, st.binary(max_size=9)),
    st.builds(Error, numbers, st.text(max_size=5)),
    *(st.builds(kind, numbers) for kind in (Pull, Close, IsQueueFull, Delete, Get)),
    *(st.builds(kind, numbers) for kind in (CancelPull, Seen)),
)


@given(st.lists(ops, max_size=6))
def test_a_program_is_read_back_as_it_was_written(program: list[Op]) -> None:
    written = compact(encode_program(program))
    assert parse_program(written) == tuple(program)
    assert parse_program(written.encode()) == tuple(program)
    assert [parse_op(encode_op(op)) for op in program] == program


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[["push",1]]', 'program[0] is ["push", 1]: expected ["push", stream, base64]'),
        ('[["create"],["pull",true]]', "program[1] is"),
        ('[["pull",true]]', "stream is true; expected an integer from 0 to 2147483647"),
        ('[["pull",1.0]]', "stream is 1.0; expected an integer"),
        ('[["pull",-1]]', "stream is -1; expected an integer"),
        ('[["pull",2147483648]]', "stream is 2147483648; expected an integer"),
        ('[["seen",null]]', "pull is null; expected an integer"),
        ('[["push",1,"A"]]', "is not base64"),
        ('[["push",1,"AA"]]', "is not base64"),
        ('[["push",1,"AB=="]]', 'is not written "AA=="'),
        ('[["push",1,"AA==\\n"]]', "base64"),
        ('[["push",1,"_-8="]]', "base64"),
        ('[["push",1,"é"]]', "base64"),
        ('[["push",1,7]]', "the chunk is 7; expected a string"),
        ('[["error",1,null]]', "the message is null; expected a string"),
        ('[["explode"]]', 'unknown op "explode"; expected one of create, push,'),
        ("[[]]", "expected an array that starts with the name of an op"),
        ('["create"]', "expected an array that starts with the name of an op"),
        ("{}", "a program must be a JSON array of ops, not {}"),
        ("[", "not JSON"),
        ("[NaN]", "NaN is not a JSON number"),
        ("[" * 100_000, "nested too deep"),
        ("1" * 5_000, "not JSON"),
        ("[1e999]", "1e999 is too large a number"),
        ('[{"fill":1,"size":2,"fill":3}]', 'an object has the key "fill" twice'),
    ],
)
def test_what_is_no_program_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(WireError) as caught:
        parse_program(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff", '[["create"]]'.encode("utf-16")])
def test_bytes_must_be_utf_8(data: bytes) -> None:
    with pytest.raises(WireError, match="not JSON"):
        parse_program(data)


def test_limits_need_both_and_nothing_else() -> None:
    assert parse_limits(encode_limits(Limits(5, 3))) == Limits(5, 3)
    wrong: list[Json] = [
        {},
        {"high_water_mark": 1},
        {"high_water_mark": -1, "max_queue_chunks": 1},
        {"high_water_mark": True, "max_queue_chunks": 1},
        {"high_water_mark": 1, "max_queue_chunks": 1, "more": 1},
        [1, 1],
    ]
    for value in wrong:
        with pytest.raises(WireError, match="limits are"):
            parse_limits(value)


def test_answers_are_canonical_text() -> None:
    program = parse_program(
        '[["create"],["pull",1],["pull",1],["push",1,"AQID"],["get",1],["pull",1],["clear"]]'
    )
    assert [answered.text for answered in trace(program)] == [
        "[1,[]]",
        "[null,[]]",
        '[null,[[1,"error","Pull superseded"]]]',
        '[true,[[2,"value","AQID"]]]',
        '[{"queue":[],"queue_size":0,"closed":false,"errored":false,"pull_waiting":false,'
        '"error":null},[]]',
        "[null,[]]",
        '[null,[[3,"error","Stream deleted"]]]',
    ]


def test_PULL_9_an_abandoned_pull_shows_nowhere() -> None:
    program = (Create(), Pull(1), Pull(1))
    assert trace(program, PLAN_01)[-1].text == "[null,[]]"
    assert trace(program, PLAN_01)[-1].rule is Rule.PULL_9


def test_PULL_11_has_its_message() -> None:
    dialect = Dialect.parse("reference+overlapping_pull=refuse")
    assert trace((Create(), Pull(1), Pull(1)), dialect)[-1].text == (
        '[null,[[2,"error","Pull refused"]]]'
    )


@given(st.lists(ops, max_size=8))
def test_every_handed_chunk_is_seen_before_the_next_op(program: list[Op]) -> None:
    quiet = [op for op in program if not isinstance(op, (CancelPull, Seen))]
    for answered in trace(quiet):
        assert answered.state.handed == ()
        assert json.loads(answered.text) == read_json(compact(answered.json))


def test_error_values_that_are_no_strings_show_as_text() -> None:
    state = trace((Create(), Error(1, ValueError("boom"))), REFERENCE)[-1].state
    assert answer(state, Pull(1)).text == '[null,[[1,"error","boom"]]]'


@pytest.mark.parametrize(
    ("expected", "observed", "same"),
    [
        ([1, []], [1, []], True),
        ([1, []], [True, []], False),
        ([1, []], [1.0, []], False),
        ([None, []], [False, []], False),
        ([None, []], [None], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1, "b": 2}, {"b": 2, "more": 3}, True),
        ({"a": 1, "b": 2}, {"a": 2}, False),
        ({"a": 1}, None, False),
        ({"a": 1}, {"threw": "no"}, False),
        ({"a": 1}, {}, False),
        ("1", 1, False),
    ],
)
def test_agreement_is_by_exact_type(expected: Json, observed: Json, same: bool) -> None:
    assert agrees(expected, observed) is same
