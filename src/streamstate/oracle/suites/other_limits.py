"""Programs with limits that are neither the usual ones nor small: a limit of one, which somebody
may treat as none, and limits above the usual ones, at which a number in a small type wraps, or what
is set is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from streamstate.model import Limits
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.building import CREATE, ONE, Ops

_MOST_CHUNKS: Final = 300
_MOST_BYTES: Final = 2**17
"""A queue is filled up to so much, and to the limit if that comes first."""


class OtherLimits(NamedTuple):
    """A suite for those limits."""

    name: str
    limits: Limits

    @property
    def says(self) -> str:
        """The suite in one line."""
        byte, chunk = self.limits.high_water_mark, self.limits.max_queue_chunks
        return f"a queue filled up to limits of {byte:,} bytes and {chunk:,} chunks, and emptied"

    def programs(self) -> Iterator[Program]:
        """Filled by chunks, then by bytes; after a pull that waited, too; and then closed."""
        chunks = min(self.limits.max_queue_chunks, _MOST_CHUNKS)
        size = min(self.limits.high_water_mark, _MOST_BYTES)
        empty = ONE.push(b"")
        by_chunks = (*(empty,) * max(chunks - 2, 0), *ONE.watched((empty,) * min(chunks + 1, 3)))
        by_bytes = ONE.watched((ONE.push(bytes(size - 1)), ONE.push(b"1"), ONE.push(b"2")))
        emptied = ONE.watched(ONE.pulls(3))
        waited: Ops = (ONE.pull, empty)
        for before in ((), waited):
            yield program_of((CREATE, *before, *by_chunks, *emptied))
            yield program_of((CREATE, *before, *by_bytes, *emptied))
        yield program_of((CREATE, *by_bytes, ONE.close, *emptied))


OTHER_LIMITS: Final = (
    OtherLimits("a limit of one byte", Limits(high_water_mark=1, max_queue_chunks=300)),
    OtherLimits("a limit of one chunk", Limits(high_water_mark=2**17, max_queue_chunks=1)),
    OtherLimits("limits above the usual", Limits(high_water_mark=2**17, max_queue_chunks=256)),
    OtherLimits("limits far away", Limits(high_water_mark=2**31 - 1, max_queue_chunks=2**16)),
)
