"""The form of a history: what is written is read back, and what is no history is called none."""

from __future__ import annotations

from io import BufferedReader, BytesIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamstate.histories import History, read_history
from streamstate.histories.form import encode_call, encode_header
from streamstate.histories.reading import is_history
from streamstate.model import PLAN_01, Create, Dialect, Limits, Op, Push, initial, step
from streamstate.wire import WireError, compact
from tests.histories.drafts import limits, programs
from tests.histories.stretched import history
from tests.strategies import dialects

HEADER = (
    b'{"history":1,"dialect":"reference","limits":{"high_water_mark":4,"max_queue_chunks":2}}\n'
)


def text_of(made: History) -> bytes:
    lines = [encode_header(made.start), *map(encode_call, made.calls)]
    return b"".join(compact(line).encode() + b"\n" for line in lines)


def read(text: bytes) -> History:
    return read_history(BytesIO(text))


@given(programs(12), dialects, limits, st.randoms(use_true_random=False))
def test_what_is_written_is_read_back(
    ops: list[Op], dialect: Dialect, limits: Limits, random: Random
) -> None:
    made = history(ops, dialect, limits, random, 4)
    again = read(text_of(made))
    assert again.start == made.start
    assert text_of(again) == text_of(made)
    assert [call.number for call in again.calls] == [*range(2, len(made.calls) + 2)]


def test_a_history_may_begin_in_a_state() -> None:
    state, _ = step(step(initial(), Create())[0], Push(1, b"a"))
    assert read(text_of(History(state, ()))).start == state


def test_another_dialect_may_be_asked_for() -> None:
    assert read_history(BytesIO(HEADER), PLAN_01).start.dialect == PLAN_01


def test_a_thread_may_be_a_number() -> None:
    [call] = read(HEADER + b'{"thread":3,"call":0.5,"op":["create"]}\n').calls
    assert (call.thread, call.invoked) == ("3", 0.5)


def call(**other: object) -> bytes:
    """A line that is right but for these keys; those that are None are left out."""
    line: dict[str, object] = {
        "thread": "A",
        "call": 1,
        "return": 2,
        "op": ["create"],
        "answer": 1,
        **other,
    }
    kept = {key: value for key, value in line.items() if value is not None}
    return compact(kept).encode() + b"\n"  # type: ignore[arg-type]


WAITING = (
    HEADER[:-2]
    + b',"state":{"next_stream":2,"next_pull":2,'
    + b'"streams":[{"stream":1,"accepted":0,"waiting":[1]}]}}'
)

WRONG = {
    "nothing is there": (b"", "the file is empty"),
    "another line first": (call(), "line 1: .* starts no history"),
    "another version": (HEADER.replace(b"1", b"2", 1), "has form 2; expected 1"),
    "no dialect": (HEADER.replace(b"reference", b"klingon"), "unknown dialect 'klingon'"),
    "a pull waits": (WAITING, "a pull waits in the state"),
    "a key too many": (HEADER + call(answered=1), "line 2: .* has other keys than answer, call"),
    "no time": (HEADER + call(call="now"), "line 2: .* has no times"),
    "no time of a call": (HEADER + call(call=None), "line 2: .* has no times"),
    "it returns before it is called": (
        HEADER + call(call=3),
        "line 2: a call at 3 returns before it, at 2",
    ),
    "no thread": (HEADER + call(thread=None), "the thread is null; expected a string"),
    "no op": (HEADER + call(op=["creat"]), "unknown op"),
    "an answer without a return": (
        HEADER + b'{"thread":"A","call":1,"op":["create"],"answer":1}\n',
        "an answer without a return",
    ),
    "a pull without its answer": (
        HEADER + call(op=["pull", 1], answer=None),
        "a pull that returned needs an answer",
    ),
    "a push that brings a chunk": (
        HEADER + call(op=["push", 1, "YQ=="], answer=["value", "YQ=="]),
        "answers no such op; expected true, false or",
    ),
    "a pull that returns a number": (
        HEADER + call(op=["pull", 1], answer=7),
        r'7 answers no such op; expected \["value", base64\]',
    ),
    "a view that is none": (
        HEADER + call(op=["get", 1], answer={"queue": 3}),
        "answers no such op; expected an object with keys of a view",
    ),
    "a view of what is no chunk": (
        HEADER + call(op=["get", 1], answer={"queue": ["?"]}),
        "is not base64",
    ),
    "a cancel as a call": (HEADER + call(op=["cancel_pull", 1], answer=0), "calls only"),
    "a line that is cut off": (HEADER + call()[:-9], "line 2: it is cut off, and calls may be"),
    "a line that is not JSON": (HEADER + b"so\n", "line 2: 'so' is not JSON"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(text: bytes, message: str) -> None:
    with pytest.raises(WireError, match=message):
        read(text)


@pytest.mark.parametrize("begins", [HEADER, b' {\n"history" : 1'])
def test_a_history_is_known_by_its_first_key(begins: bytes) -> None:
    assert is_history(BufferedReader(BytesIO(begins)))


@pytest.mark.parametrize("begins", [b"", b"{}", b'{"recording":1}', b"\x1f\x8bno gzip at all"])
def test_other_files_are_none(begins: bytes) -> None:
    assert not is_history(BufferedReader(BytesIO(begins)))
