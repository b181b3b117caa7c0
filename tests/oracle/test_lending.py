"""Memory that is lent to registries in this process, and what the oracle sees of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamstate.model import REFERENCE, Rule
from streamstate.oracle.adapters.lending import WAYS, Held, in_turn, out_of_the_middle, whole
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.by_memory import Sign, sign_of
from streamstate.oracle.reports.wording import blind_spots
from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.testing import Convention, Factory
from streamstate.testing.conforms import opened
from streamstate.testing.driver import FactoryDriver
from streamstate.wire import Json, encode_bytes
from streamstate.wire.lent import BEFORE, BEHIND, written_into, written_over
from tests.oracle.test_memory_faults import short_programs
from tests.testing.coroutines import CONVENTION, AsyncRegistry
from tests.testing.simple import SimpleRegistry, Stream


class OnlyBytes(SimpleRegistry):
    """Refuses memory that can change."""

    def push(self, stream: int, chunk: bytes) -> bool:
        if not isinstance(chunk, bytes):
            raise TypeError(f"bytes are wanted, not {type(chunk).__name__}")
        return super().push(stream, chunk)


class NoViews(SimpleRegistry):
    """Refuses views."""

    def push(self, stream: int, chunk: bytes) -> bool:
        if isinstance(chunk, memoryview):
            raise TypeError("no views")
        return super().push(stream, chunk)


class TakesItsTime(AsyncRegistry):
    """Has the bytes only when its push is done."""

    async def push(self, stream: int, chunk: bytes) -> bool:
        await asyncio.sleep(0)
        return await super().push(stream, chunk)


class HandsOnWhatItGets(SimpleRegistry):
    """Copies what it queues, and hands a waiting pull the memory of the caller."""

    def push(self, stream: int, chunk: bytes) -> bool:
        known = self.streams.get(stream)
        if known is None or known.waiting is None:
            return super().push(stream, chunk)
        known.settle(lambda waiting: waiting.set_result(chunk))
        return True


class UsesItsBufferAgain(SimpleRegistry):
    """Hands out what it has copied into the one buffer that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = bytearray()

    def take(self, known: Stream) -> Any:
        self.buffer[:] = super().take(known)
        return self.buffer


class KeepsArrays(SimpleRegistry):
    """Copies views, and keeps arrays."""

    def push(self, stream: int, chunk: bytes) -> bool:
        known = self.streams.get(stream)
        queued = 0 if known is None else len(known.chunks)
        taken = super().push(stream, chunk)
        if isinstance(chunk, bytearray) and known is not None and len(known.chunks) > queued:
            known.chunks[-1] = chunk
        return taken


class CountsElements(SimpleRegistry):
    """The size of a chunk is how many elements it has, of however many bytes."""

    def push(self, stream: int, chunk: bytes) -> bool:
        known = self.streams.get(stream)
        queued = 0 if known is None else len(known.chunks)
        taken = super().push(stream, chunk)
        if known is not None and len(known.chunks) > queued:
            known.size += len(chunk) - memoryview(chunk).nbytes
        return taken


def checked(factory: Factory, convention: Convention | None = None) -> Verdict:
    return check(lambda: opened(factory, convention), REFERENCE, planner=short_programs)


@pytest.mark.parametrize(
    ("factory", "ways"),
    [(SimpleRegistry, WAYS), (NoViews, (whole,)), (OnlyBytes, ()), (TakesItsTime, WAYS)],
)
def test_memory_is_lent_in_the_ways_that_a_registry_takes(factory: Factory, ways: object) -> None:
    driver = FactoryDriver(factory)
    driver.close()
    assert driver.ways == ways
    assert ("lends" in driver.capabilities) is bool(ways)


@pytest.mark.parametrize(
    ("factory", "convention"),
    [(OnlyBytes, None), (NoViews, None), (TakesItsTime, CONVENTION)],
)
def test_a_registry_that_copies_conforms(factory: Factory, convention: Convention | None) -> None:
    verdict = checked(factory, convention)
    assert verdict.deviations == ()
    said = [spot for spot in blind_spots(verdict) if "nobody wrote over a chunk" in spot]
    assert len(said) == (factory is OnlyBytes)


@pytest.mark.parametrize(
    ("factory", "rule", "ops"),
    [
        (HandsOnWhatItGets, Rule.PUSH_8, 3),
        (KeepsArrays, Rule.PUSH_8, 5),
        (UsesItsBufferAgain, Rule.PULL_13, 5),
        (CountsElements, Rule.PUSH_5, 3),
    ],
)
def test_a_registry_that_does_not_is_told_by_a_short_program(
    factory: Factory, rule: Rule, ops: int
) -> None:
    first, *others = checked(factory).deviations
    assert (first.rule, len(first.program), others) == (rule, ops, [])


def test_chunks_are_lent_in_all_ways_in_turn_and_then_as_bytes() -> None:
    lending = in_turn(WAYS)
    lent = [next(lending)(b"odd").piece for _ in range(4)]
    assert [type(each) for each in lent] == [memoryview, bytearray, bytes, memoryview]
    assert [bytes(each) for each in lent] == [b"odd"] * 4


@pytest.mark.parametrize("way", [out_of_the_middle, whole])
@pytest.mark.parametrize("chunk", [b"", b"a", b"ab", b"abc"])
def test_a_lent_chunk_is_written_over(way: Callable[[bytes], Any], chunk: bytes) -> None:
    lent = way(chunk)
    assert bytes(lent.piece) == chunk
    lent.write_over()
    assert bytes(lent.piece) == written_over(chunk)
    if way is out_of_the_middle:
        assert bytes(lent.memory) == BEFORE + written_over(chunk) + BEHIND


def test_memory_that_a_registry_has_emptied_is_left_to_it() -> None:
    lent = whole(b"abc")
    assert isinstance(lent.piece, bytearray)
    del lent.piece[:]
    lent.write_over()
    assert lent.piece == b""


def test_an_awaiter_writes_into_what_can_be_written_to() -> None:
    array, view = bytearray(b"abc"), memoryview(bytearray(b"abc"))
    held = Held()
    all_of_them = (array, {"value": view}, b"abc", None, memoryview(b"abc"), {"value": None})
    for number, result in enumerate(all_of_them):
        held.write_into(number, result)
    assert bytes(array) == bytes(view) == written_into(b"abc")


def test_what_changes_while_an_awaiter_holds_it_is_told_once() -> None:
    array, view = bytearray(b"abc"), memoryview(bytearray(b"abc"))
    held = Held()
    held.write_into(1, array)
    held.write_into(2, {"value": view})
    assert tuple(held.changed()) == ()
    array[:] = b"zz"
    assert tuple(held.changed()) == ((1, b"zz"),)
    view.release()
    assert tuple(held.changed()) == ((2, b""),)
    assert tuple(held.changed()) == ()


def brought(chunk: bytes) -> Json:
    return [None, [[1, "value", encode_bytes(chunk)]]]


def queued(*chunks: bytes) -> Json:
    return [{"queue": [encode_bytes(chunk) for chunk in chunks]}, []]


def differing(expected: Json, observed: Json) -> Deviation:
    difference = Difference(0, Kind.OUTCOME, "", expected, observed)
    return Deviation(Rule.PULL_2, Rule.PULL_2, (), None, difference, 1)


def pieces(chunk: bytes) -> Iterator[bytes]:
    memory = BEFORE + chunk + BEHIND
    yield from (memory, memory[: len(chunk)], memory[len(BEFORE) :], memory[: -len(BEHIND)])


def test_the_bytes_that_came_tell_what_became_of_the_chunk() -> None:
    assert sign_of(differing(brought(b"ab"), brought(written_over(b"ab")))) is Sign.KEPT
    assert sign_of(differing(brought(b"ab"), brought(written_into(b"ab")))) is Sign.SHARED
    for chunk in (b"ab", written_over(b"ab")):
        for piece in pieces(chunk):
            assert sign_of(differing(brought(b"ab"), brought(piece))) is Sign.BEYOND
    assert sign_of(differing(queued(b"a", b"b"), queued(b"a", written_over(b"b")))) is Sign.KEPT
    assert sign_of(differing(brought(b""), brought(BEFORE + BEHIND))) is Sign.BEYOND
    assert sign_of(differing([None, []], [None, [[1, "changed", "YQ=="]]])) is Sign.REUSED


@pytest.mark.parametrize(
    "observed",
    [brought(b"ba"), brought(b""), [None, []], [None, [[1, "done"]]], [None, [[1, "value", 7]]], 7],
)
def test_other_bytes_tell_nothing(observed: Json) -> None:
    assert sign_of(differing(brought(b"ab"), observed)) is None
