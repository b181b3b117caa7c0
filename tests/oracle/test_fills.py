"""Big uniform chunks are written as fills where an adapter offers it, and mean the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamstate.model import REFERENCE, Create, Get, Pull, Push
from streamstate.oracle.adapters.child import in_base64
from streamstate.oracle.adapters.implementation import Hello, Request
from streamstate.oracle.adapters.reference import ReferenceAdapter
from streamstate.oracle.checking import check
from streamstate.oracle.programs.program import filled, program_of, symbol
from streamstate.oracle.suites.plan import only
from streamstate.oracle.verdict.deviation import Kind
from streamstate.wire import Together, compact, encode_bytes, read_json, without_fills

BIG = Push(1, b"\x05" * 2_000)


class Filling:
    """The model, which writes each chunk of 2,000 bytes as a fill, read as a child is."""

    def __init__(self, byte: int, *, offers: bool = True) -> None:
        capabilities = frozenset({"get", "fill"} if offers else {"get"})
        self.hello = Hello("filling", "1", "", capabilities, exact=True)
        self.asked: list[bytes] = []
        self._byte = byte
        self._adapter = ReferenceAdapter(REFERENCE, "1")

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        return in_base64(self._lines(requests), self.hello)

    def _lines(self, requests: Iterator[Request]) -> Iterator[bytes]:
        plain = encode_bytes(BIG.chunk).encode()
        fill = b'{"size":2000, "fill":%d}' % self._byte
        for request in requests:
            line = request.line()
            self.asked.append(line)
            answer = self._adapter.answer(compact(without_fills(read_json(line))).encode())
            assert answer is not None
            yield answer.rstrip().encode().replace(b'"%s"' % plain, fill)

    def close(self) -> None:
        pass


SHOWN = program_of((Create(), BIG, Get(1), Pull(1)))


def test_a_fill_says_the_same_as_base64() -> None:
    filling = Filling(5)
    verdict = check(lambda: filling, REFERENCE, planner=only(SHOWN))
    assert verdict.outcome == "conforms"
    assert all(b'["push",1,{"fill":5,"size":2000}]' in line for line in filling.asked)


@pytest.mark.thorough
def test_a_fill_of_another_byte_deviates() -> None:
    verdict = check(lambda: Filling(6), REFERENCE, planner=only(SHOWN))
    assert verdict.deviations[0].difference.kind is Kind.VIEW


def test_a_fill_of_one_that_does_not_offer_it_is_a_wrong_value() -> None:
    filling = Filling(5, offers=False)
    verdict = check(lambda: filling, REFERENCE, planner=only(SHOWN))
    assert verdict.outcome == "deviates"
    assert not any(b"fill" in line for line in filling.asked)


def test_smaller_programs_are_asked_for_with_fills_too() -> None:
    filling = Filling(6)
    longer = (*SHOWN, *program_of([Get(1)] * 2))
    verdict = check(lambda: filling, REFERENCE, planner=only(longer))
    assert verdict.deviations
    assert len(filling.asked) > 3
    assert not any(encode_bytes(BIG.chunk).encode() in line for line in filling.asked)


@pytest.mark.parametrize(
    "fill", ['{"fill":256,"size":1}', '{"fill":1,"size":-1}', '{"fill":1,"size":99999999999}']
)
def test_what_is_no_fill_is_left_as_it_is(fill: str) -> None:
    line = f'{{"seq":1,"trace":[[null,[[1,"value",{fill}]]]],"late":[]}}'.encode()
    assert list(in_base64(iter((line,)), Filling(5).hello)) == [line]


def test_only_big_uniform_chunks_are_written_as_fills() -> None:
    for chunk in (b"", b"\x05" * 1_023, b"\x05" * 1_023 + b"\x06"):
        plain = (symbol(Push(1, chunk)),)
        assert filled(plain) is plain
    (inside,) = filled((symbol(Together((BIG, Pull(1)))),))
    assert inside.text == '["together",["push",1,{"fill":5,"size":2000}],["pull",1]]'
