"""Tells from the bytes that a registry brings which memory it took them from: PUSH_8, PULL_13.

Adapters that lend overwrite a chunk after its push, and overwrite what a pull brought. They make
the new bytes from the chunk (`wire.lent`), so these tell whose bytes came instead. They also tell
if what a pull brought changes afterwards.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum, unique

from streamstate.model import Rule
from streamstate.oracle.diagnosis.clustering import merge
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.wire import Json, WireError, is_array, is_object, without_fills
from streamstate.wire.lent import BEFORE, BEHIND, written_into, written_over


@unique
class Sign(Enum):
    """What a wrong chunk shows; the value says it for a report."""

    KEPT = "The chunk was changed by its owner after the push: its memory was kept, not its bytes."
    BEYOND = (
        "The view's offset or length was ignored: what came is another piece of the memory in"
        " which the pushed chunk lay."
    )
    SHARED = (
        "The chunk was changed by the awaiter of another pull, who wrote into the one that it had"
        " brought: the two share memory."
    )
    REUSED = "The chunk changed while its pull's awaiter held it: its memory was used again."

    @property
    def rule(self) -> Rule:
        """The rule that the registry breaks."""
        return Rule.PULL_13 if self in {Sign.SHARED, Sign.REUSED} else Rule.PUSH_8


def by_memory(deviations: Sequence[Deviation]) -> tuple[Deviation, ...]:
    """The deviations, with those in which a chunk shows what became of its memory told as that:
    once for each such sign, in the place of the first."""
    told: dict[Sign | int, Deviation] = {}
    for number, deviation in enumerate(deviations):
        sign = sign_of(deviation)
        if sign is None:
            told[number] = deviation
        elif sign in told:
            told[sign] = merge(told[sign], _told(deviation, sign))
        else:
            told[sign] = _told(deviation, sign)
    return tuple(told.values())


def _told(deviation: Deviation, sign: Sign) -> Deviation:
    return replace(deviation, rule=sign.rule, or_else=(), same_at=(), why=sign.value)


def sign_of(deviation: Deviation) -> Sign | None:
    """The sign of memory that its chunks show; None if they show none. O(size)."""
    difference = deviation.difference
    pairs = _pairs(difference.expected, difference.observed)
    signs = (_sign(wanted, got) for wanted, got in pairs if wanted != got)
    reused = (Sign.REUSED for each in settled_in(difference.observed) if _has_changed(each))
    return next((sign for sign in (*signs, *reused) if sign is not None), None)


def _has_changed(settlement: Json) -> bool:
    match settlement:
        case [_, "changed", _]:
            return True
        case _:
            return False


def _sign(wanted: bytes, got: bytes) -> Sign | None:
    if not wanted:
        return Sign.BEYOND if got and got in BEFORE + BEHIND else None
    if got == written_over(wanted):
        return Sign.KEPT
    if got == written_into(wanted):
        return Sign.SHARED
    start, end = len(BEFORE), len(BEFORE) + len(wanted)
    for chunk in (wanted, written_over(wanted)):
        memory = BEFORE + chunk + BEHIND
        if got in (memory, memory[: len(wanted)], memory[start:], memory[:end]):
            return Sign.BEYOND
    return None


def _pairs(expected: Json, observed: Json) -> Iterator[tuple[bytes, bytes]]:
    """Pairs of chunks in the same place of two answers."""
    for wanted, got in zip(_chunks(expected), _chunks(observed), strict=False):
        if wanted is not None and got is not None:
            yield wanted, got


def _chunks(answer: Json) -> Iterator[bytes | None]:
    """The chunks of an answer: those of a view, then those that pulls brought."""
    match answer:
        case [returned, settled] if is_array(settled):
            if is_object(returned):
                queue = returned.get("queue")
                yield from map(_chunk, queue if is_array(queue) else ())
            for each in settled:
                match each:
                    case [_, "value", chunk]:
                        yield _chunk(chunk)
                    case _:
                        yield None
        case _:
            pass


def _chunk(written: Json) -> bytes | None:
    try:
        text = without_fills(written)
        return b64decode(text, validate=True) if isinstance(text, str) else None
    except (WireError, Error, ValueError):
        return None
