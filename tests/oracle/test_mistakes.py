"""A mistake of the adapter is named where it accounts for most of what deviates, and only there."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from streamstate.model import REFERENCE, Close, Create, Pull, Push
from streamstate.oracle.adapters.implementation import Hello, Request
from streamstate.oracle.campaign.driving import Campaign
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.verdict.tally import Mistake, Tally
from streamstate.wire import Json, encode_bytes

UNPADDED = program_of((Create(), Push(1, b"a"), Pull(1)))
OTHERWISE = program_of((Create(), Close(1)))
RIGHT = program_of((Create(), Pull(1)))


class Joining:
    """The model, whose pulls bring all that is queued, as one chunk."""

    hello = Hello("joining", "1", "none", frozenset(), exact=True)

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        for request in requests:
            trace: list[Json] = []
            queue, pulls, created = b"", 0, 0
            for each in request.program:
                match each.op:
                    case Create():
                        created += 1
                        trace.append([created, []])
                    case Push(_, chunk):
                        queue += chunk
                        trace.append([True, []])
                    case _:
                        pulls += 1
                        settled: Json = [[pulls, "value", encode_bytes(queue)]] if queue else []
                        trace.append([None, settled])
                        queue = b""
            yield json.dumps({"seq": request.seq, "trace": trace, "late": []}).encode()

    def close(self) -> None:
        """There is nothing to end."""


class TwiceWrong:
    """Leaves out the padding of chunks, and says that a close has worked."""

    hello = Hello("twice wrong", "1", "none", frozenset(), exact=True)

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        machine = CachedModel(REFERENCE)
        for request in requests:
            trace: list[Json] = [link.json for link in machine.expect(request.program).links]
            if request.program == UNPADDED:
                trace[-1] = [None, [[1, "value", "YQ"]]]
            if request.program == OTHERWISE:
                trace[-1] = [True, []]
            yield json.dumps({"seq": request.seq, "trace": trace, "late": []}).encode()

    def close(self) -> None:
        """There is nothing to end."""


def tally_of(*programs: Program) -> Tally:
    requests = (Request(seq, program) for seq, program in enumerate(programs, 1))
    return Campaign(TwiceWrong(), REFERENCE, CachedModels()).drive(requests)


@pytest.mark.parametrize(
    ("unpadded", "otherwise", "named"),
    [(1, 0, True), (2, 1, True), (1, 1, False), (2, 2, False), (3, 2, True), (1, 2, False)],
)
def test_a_mistake_has_to_account_for_more_than_half_of_what_deviates(
    unpadded: int, otherwise: int, named: bool
) -> None:
    tally = tally_of(*(UNPADDED,) * unpadded, *(OTHERWISE,) * otherwise)
    assert tally.deviating == unpadded + otherwise
    assert dict(tally.mistakes) == ({Mistake.UNPADDED: unpadded} if named else {})


@pytest.mark.parametrize(
    ("chunks", "named"),
    [((b"a", b"b"), True), ((b"", b"b", b"c"), True), ((b"a", b""), False), ((b"a",), False)],
)
def test_an_adapter_that_hands_out_batches_is_told_to_split_them(
    chunks: tuple[bytes, ...], named: bool
) -> None:
    program = program_of((Create(), *(Push(1, chunk) for chunk in chunks), Pull(1)))
    tally = Campaign(Joining(), REFERENCE, CachedModels()).drive(iter([Request(1, program)]))
    assert dict(tally.mistakes) == ({Mistake.JOINED: 1} if named else {})


def test_programs_that_conform_do_not_count() -> None:
    tally = tally_of(UNPADDED, *(RIGHT,) * 10)
    assert (tally.programs, tally.deviating) == (11, 1)
    assert dict(tally.mistakes) == {Mistake.UNPADDED: 1}
