"""Files that are cut off, damaged, or something else."""

from __future__ import annotations

import gzip
import json
from random import Random

import pytest

from streamstate.oracle.recordings import Outcome
from streamstate.oracle.reports.recording import verdict_json, verdict_lines
from tests.oracle.recorded import RECORDING, checked


@pytest.mark.parametrize("kept", range(0, len(RECORDING), 41))
def test_last_line_that_is_cut_off_is_noted_and_the_rest_checked(kept: int) -> None:
    said = checked(RECORDING[:kept])
    whole = RECORDING[:kept].count("\n")
    if whole == 0:
        assert said.outcome is Outcome.NOTHING
        return
    assert said.outcome is Outcome.CONFORMS
    assert said.ops == min(whole, 18) - 1
    note = f"line {whole + 1}, the last, is cut off; the rest was checked"
    endless = "recording 1 has no end: its process was killed, or still writes"
    assert said.remarks == ((note,) if RECORDING[kept - 1] != "\n" else (endless,))


def test_last_line_without_its_end_counts() -> None:
    assert checked(RECORDING.rstrip()).remarks == ()
    said = checked('{"op":["create"],"returned":2,"settled":[]}')
    assert said.outcome is Outcome.DEVIATES


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"op":["crea', '\'{"op":["crea\' is not JSON; expected one JSON object, in UTF-8'),
        ("NaN", "'NaN' is not JSON"),
        ("[1,2]", "[1, 2] is no JSON object"),
        ("[" * 100_000, "is not JSON"),
        ('{"op":["create"],"returned":1}', 'expected {"op":…,"returned":…,"settled":[…]}'),
        ('{"op":["create"],"returned":1,"settled":1}', 'expected {"op":…'),
        ('{"op":["create"],"returned":1,"settled":[],"x":1}', 'expected {"op":…'),
        ('{"op":["spawn"],"returned":1,"settled":[]}', "unknown op"),
        ('{"op":["push",1,"A"],"returned":true,"settled":[]}', "padded base64"),
        ('{"op":["create"],"returned":2,"settled":[[1]]}', "settled has [1]"),
        ('{"op":["create"],"returned":2,"settled":[],"state":{}}', "a state comes only with"),
        ('{"recording":2,"dialect":"reference","limits":{}}', "form 2; expected 1"),
        ('{"recording":1,"dialect":"odd","limits":{}}', "unknown dialect 'odd'"),
        ('{"recording":1}', "starts no recording"),
        ('{"answer":42}', "not a line of a recording or an exchange"),
        ('{"seq":0,"trace":[],"late":[]}', "nobody asked for"),
        ('{"program":[["create"]],"trace":[]}', "0 answers to 1 ops"),
        (f'{{"op":["create"],"returned":{nested(700)},"settled":[]}}', "nested too deep"),
        (f'{{"op":["create"],"returned":[{nested(700)},"fill"],"settled":[]}}', "too deep"),
        ('{"op":["create"],"returned":5,"returned":1,"settled":[]}', 'the key "returned" twice'),
        ('{"op":["create"],"returned":1e999,"settled":[]}', "1e999 is too large a number"),
        ('{"push":{"fill":1,"size":1e99}}', "is no chunk of 0 to"),
        ('{"push":{"fill":1,"size":999999999999}}', "is no chunk of 0 to"),
        ('{"push":{"fill":true,"size":1}}', "is no chunk of 0 to"),
        ('{"fill":1,"size":1}', "is a chunk; expected a message"),
    ],
)
def test_broken_line_in_the_middle_ends_the_check(line: str, message: str) -> None:
    head, tail = RECORDING[: RECORDING.index('{"op":["pull"')], RECORDING
    said = checked(f"{head}{line}\n" + tail.split("\n", 1)[1])
    assert said.outcome is Outcome.BROKEN
    assert said.flaw is not None
    assert said.flaw.line == 4
    assert message in said.flaw.message
    assert checked(line + "\n").outcome is Outcome.NOTHING


def test_blank_lines_mean_nothing() -> None:
    assert checked(RECORDING.replace("\n", "\n\n") + "\n\n").ops == 17


def test_bytes_that_are_no_text() -> None:
    said = checked(RECORDING.encode() + b'{"op":["error",1,"\xff"],"returned":null,"settled":[]}\n')
    assert said.flaw is not None
    assert said.flaw.line == 20


def test_compressed_files() -> None:
    packed = gzip.compress((RECORDING * 50).encode())
    assert checked(packed).ops == 850
    cut = checked(packed[:-20])
    assert cut.outcome is Outcome.CONFORMS
    assert cut.remarks[-1].endswith("the last, is cut off; the rest was checked")
    damaged = bytearray(gzip.compress(Random(1).randbytes(10) + RECORDING.encode()))
    damaged[30] ^= 0xFF
    assert checked(bytes(damaged)).outcome is Outcome.NOTHING


def test_there_is_a_verdict_whatever_is_in_the_file() -> None:
    random = Random(1)
    words = set()
    for _ in range(300):
        data = bytearray(RECORDING.encode())
        for _ in range(random.randrange(1, 3)):
            data[random.randrange(len(data))] = random.choice((*b"123456789", *range(256)))
        said = checked(bytes(data))
        words.add(said.outcome)
        assert list(verdict_lines(said))
        assert json.dumps(verdict_json(said))
    assert words == set(Outcome)
