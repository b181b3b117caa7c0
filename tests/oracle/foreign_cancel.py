"""What becomes of a chunk whose pull is cancelled just after it was handed over.

Asked with the wire's `cancel`: in a `together` nobody runs between the push and the cancel, so the
chunk is on its way to a pull that will not look at it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from enum import Enum, unique
from typing import Any, Final

from tests.oracle.foreign import replies

_A: Final = "YQ=="
_B: Final = "Yg=="
_WAITING: Final = (["create"], ["pull", 1])
_PULLS: Final = (["pull", 1], ["pull", 1])

_ONE_CHUNK: Final = (*_WAITING, ["together", ["push", 1, _A], ["cancel_pull", 1]], *_PULLS)
_TWO_CHUNKS: Final = (
    *_WAITING,
    ["together", ["push", 1, _A], ["push", 1, _B], ["cancel_pull", 1]],
    *_PULLS,
)
_CANCELLED_FIRST: Final = (*_WAITING, ["together", ["cancel_pull", 1], ["push", 1, _A]], *_PULLS)
_ANOTHER_WAITS: Final = (
    *_WAITING,
    ["pull", 1],
    ["together", ["push", 1, _A], ["cancel_pull", 1]],
    *_PULLS,
)


@unique
class Fate(Enum):
    """What became of the chunk; the value says it in the table."""

    LOST = "lost"
    OUT_OF_ORDER = "kept, out of order"
    NEXT = "kept, for the next pull"
    SETTLES = "kept: the cancelled pull brings it all the same"


def fate_of_a_handed_chunk(command: Sequence[str]) -> Fate:
    """What the adapter that `command` starts does with it, in the worst of a few programs."""
    programs = (_ONE_CHUNK, _TWO_CHUNKS, _CANCELLED_FIRST, _ANOTHER_WAITS)
    answers = replies(command, programs)
    one, *others = map(_brought, answers)
    brought = [b"".join(chunk for _, chunk in each) for each in (one, *others)]
    wanted = [*map(_accepted, programs, answers)]  # as one: some bring two chunks so
    if [bytes(sorted(each)) for each in brought] != wanted:
        return Fate.LOST
    if brought != wanted:
        return Fate.OUT_OF_ORDER
    return Fate.SETTLES if one[0][0] == 1 else Fate.NEXT


def _accepted(program: Sequence[Any], answer: dict[str, Any]) -> bytes:
    """What was pushed, but for what was refused: that is not lost."""
    chunks = []
    for (name, *ops), (returned, _) in zip(program, answer["trace"], strict=True):
        if name == "together":
            pushed = [op for op, taken in zip(ops, returned, strict=True) if taken is True]
            chunks += [b64decode(op[2]) for op in pushed if op[0] == "push"]
    return b"".join(chunks)


def _brought(answer: dict[str, Any]) -> list[tuple[int, bytes]]:
    """The pulls that brought a chunk, with it, in the order in which they did."""
    return [
        (entry[0], b64decode(entry[2]))
        for _, settled in answer["trace"]
        for entry in settled
        if entry[1] == "value"
    ]
