"""Shares of recordings, judged by the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from streamstate.cluster.connection import ClusterError
from streamstate.cluster.hands import GivenUp, Hands
from streamstate.cluster.work import Say
from streamstate.oracle.recordings import Begin, Judged, Piece, judge

_TO_JOIN = 10.0
"""Seconds in which workers say what they run."""


@dataclass(frozen=True, slots=True)
class Share:
    """The lines of one share. Judging them again gives the same."""

    number: int
    piece: Piece
    limit: float
    worker: str | None = None

    @property
    def name(self) -> str:
        """See `Work.name`."""
        return f"share {self.number}"

    def do(self, _say: Say) -> Judged:
        """Judge them."""
        return judge(self.piece)


@contextmanager
def judging(hands: Hands, limit: float = 120.0) -> Iterator[tuple[int, Begin]]:
    """Into how many shares to split, and what has pieces judged by workers. Raises `ClusterError`
    where there are none that can, and later where a piece could not be judged by any."""
    threads = hands.muster(_TO_JOIN)
    for worker, why in hands.unfit.items():
        raise ClusterError(f"worker {worker}: {why}")
    if not threads:
        raise ClusterError(f"no worker has joined the scheduler within {_TO_JOIN:g} seconds")

    def done(pieces: Sequence[Piece]) -> Sequence[Judged]:
        judged: dict[int, Judged] = {}
        works = [Share(number, piece, limit) for number, piece in enumerate(pieces)]
        for outcome in hands.do(works):
            assert isinstance(outcome.work, Share)
            if isinstance(outcome, GivenUp):
                raise ClusterError(f"lines were not checked: {'; '.join(outcome.why)}")
            judged[outcome.work.number] = outcome.result
        return [judged[number] for number in range(len(pieces))]

    with ThreadPoolExecutor(1) as beside:

        def begin(pieces: Sequence[Piece]) -> Callable[[], Sequence[Judged]]:
            return beside.submit(done, pieces).result

        yield sum(threads.values()), begin
