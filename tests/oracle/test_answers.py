"""Reading what an adapter says: what the protocol does not allow is refused, and named."""

from __future__ import annotations

import pytest

from streamstate.model import REFERENCE, Pull
from streamstate.oracle.adapters.implementation import ExchangeError, parse_hello, parse_reply
from streamstate.oracle.adapters.reference import ReferenceAdapter
from streamstate.oracle.verdict.comparing import abridged
from streamstate.oracle.verdict.deviation import Difference, Kind
from streamstate.wire import Json, WireError, encode_bytes
from streamstate.wire.in_words import contrast, settlement_in_words


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"seq":1,"trace":[],"trace":[[1,[]]],"late":[]}', 'has the key "trace" twice'),
        ('{"seq":9,"seq":1,"trace":[[1,[]]],"late":[]}', 'has the key "seq" twice'),
        ('{"seq":1,"trace":[[{"threw":"a","threw":"b"},[]]],"late":[]}', '"threw" twice'),
        ('{"seq":1,"trace":[[1,[]]],"late":[],"note":"hi"}', 'it has the key "note"; expected'),
        ('{"seq":1,"trace":[[1,[]]],"late":[],"failed":null}', "it has both failed and trace"),
        ('{"seq":1,"trace":[[1,[]]],"late":[],"failed":{"x":1}}', "it has both failed and trace"),
        ('{"seq":1,"failed":"oh","late":[]}', "it has both failed and trace"),
        ('{"seq":1,"trace":[[1e999,[]]],"late":[]}', "1e999 is too large a number"),
        ('{"seq":1,"trace":[[-1e999,[]]],"late":[]}', "-1e999 is too large a number"),
        ('{"seq":true,"trace":[[1,[]]],"late":[]}', "seq is true, not 1"),
        ("[1]", 'expected {"seq"'),
    ],
)
def test_what_is_no_answer_is_refused_in_words(line: str, message: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        parse_reply(line.encode(), 1, 1)
    assert message in caught.value.message


WHO = '"name":"x","version":"1","language":""'


@pytest.mark.parametrize(
    ("start", "who", "message"),
    [
        ('"protocol":2,"protocol":1', WHO, 'has the key "protocol" twice'),
        ('"protocol":1,"zeal":1', WHO, 'it has the key "zeal"; expected'),
        ('"protocol":1', WHO + ',"authors":[]', 'it has the key "authors"; expected'),
        ('"protocol":2,"zeal":1', WHO, "it speaks protocol 2, not 1"),
    ],
)
def test_what_is_no_hello_is_refused_in_words(start: str, who: str, message: str) -> None:
    line = f'{{{start},"implementation":{{{who}}},"capabilities":[],"settle":"exact"}}'
    with pytest.raises(ExchangeError) as caught:
        parse_hello(line.encode())
    assert message in caught.value.message


def test_the_reference_adapter_takes_no_truth_for_a_number() -> None:
    adapter = ReferenceAdapter(REFERENCE, "1")
    with pytest.raises(WireError, match="seq is true; expected an integer"):
        adapter.answer(b'{"cmd":"run","seq":true,"program":[]}')


def test_a_chunk_that_is_much_too_long_is_shown_as_a_chunk() -> None:
    answer: Json = [None, [[1, "value", encode_bytes(b"a" * 100_000)]]]
    kept = abridged(Difference(2, Kind.OUTCOME, "", [None, []], answer), longest=10)
    _, observed = contrast(Pull(1), kept.expected, kept.observed)
    assert observed == "pull 1 gets more than 3,078 bytes 61 61 61 61 …"


def test_what_only_ends_as_if_it_were_cut_is_no_chunk() -> None:
    for text in ("…", "wh?!…", "YQ=…"):
        assert settlement_in_words([1, "value", text]).endswith("which is not base64")


def _apart(answer: Json, other: Json) -> str:
    expected, observed = contrast(Pull(1), answer, other)
    return observed.removeprefix(expected)


def test_answers_that_read_the_same_say_where_they_part() -> None:
    def gets(chunk: bytes) -> Json:
        return [None, [[1, "value", encode_bytes(chunk)]]]

    def fails(message: str) -> Json:
        return [None, [[1, "error", message]]]

    def shows(chunks: list[str]) -> Json:
        return [{"queue": [*chunks], "queue_size": 9}, []]

    zeros = bytes(5000)
    assert _apart(gets(zeros), gets(zeros[:4000] + b"\x07" + zeros[4001:])) == (
        ", but byte 4,001 is 07 and not 00"
    )
    assert _apart(fails("x" * 300), fails("x" * 255)) == ", but of 255 characters and not of 300"
    assert _apart(fails("x" * 300), fails("x" * 299 + "é")) == (
        ", but character 300 is 'é' and not 'x'"
    )
    chunks = ["AA=="] * 6
    assert _apart(shows(chunks), shows([*chunks[:5], "AQ=="])) == ", but byte 1 is 01 and not 00"
    assert _apart(gets(b"a"), gets(b"a")) == ""
