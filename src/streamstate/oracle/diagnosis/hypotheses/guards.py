"""Conditions under which a registry makes a mistake that it does not always make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from streamstate.model import IsQueueFull, Phase, Push
from streamstate.oracle.diagnosis.hypotheses import measures
from streamstate.oracle.diagnosis.hypotheses.application import Application, number_of


@dataclass(frozen=True, eq=False)
class Guard:
    """When the registry makes the mistake. `says` completes "where …". `natural` marks a condition
    that is no surprise: an op looks at one thing where it should look at two. `known` keeps what it
    was found to say."""

    says: str
    holds: Callable[[Application], bool]
    natural: bool = False
    known: dict[object, bool] = field(default_factory=dict, repr=False)

    @property
    def no_wonder(self) -> bool:
        """Whether the mistake needs no condition."""
        return self.natural or not self.says


def _always(_application: Application) -> bool:
    return True


ALWAYS: Final = Guard("", _always)


def guards(application: Application) -> Iterator[Guard]:
    """What may have been special about an application, for a mistake that the registry does not
    always make."""
    yield from _about_the_chunk(application)
    if isinstance(application.op, IsQueueFull):
        yield from (Guard(*fact, natural=True) for fact in _OF_FULLNESS)
    yield from (Guard(*fact) for fact in _FACTS if fact[1](application))
    if number_of(application) is None:
        yield from map(_a_stream_in, sorted(measures.phases(application), key=_ORDER.index))
    yield _in(measures.phase(application))
    for says, measure in _MEASURES:
        yield _from(says, measure, measure(application))
    for says, measure in _MEASURES[:2]:
        yield _just(says, measure, measure(application))


def _from(says: str, measure: Callable[[Application], int], number: int) -> Guard:
    return Guard(f"{says} {number:,} or more", lambda each: measure(each) >= number)


def _just(says: str, measure: Callable[[Application], int], number: int) -> Guard:
    return Guard(f"{says} {number:,}", lambda each: measure(each) == number)


def _about_the_chunk(application: Application) -> Iterator[Guard]:
    chunk = measures.chunk(application)
    if chunk:
        size, byte, last = len(chunk), chunk[:1], chunk[-1:]
        yield _on_chunk(f"has {size:,} bytes or more", lambda each: len(each) >= size)
        yield _on_chunk(f"has {size:,} bytes or fewer", lambda each: len(each) <= size)
        yield _on_chunk(f"begins with {byte!r}", lambda each: each[:1] == byte)
        yield _on_chunk(f"ends with {last!r}", lambda each: each[-1:] == last)
        yield _on_chunk(f"has a byte {byte!r}", lambda each: byte in each)
        if not chunk.isascii():
            yield _on_chunk("is not ASCII", lambda each: not each.isascii())
    elif chunk is not None:
        yield _on_chunk("is empty", lambda each: not each)


def _on_chunk(says: str, test: Callable[[bytes], bool]) -> Guard:
    def holds(application: Application) -> bool:
        chunk = measures.chunk(application)
        return chunk is not None and test(chunk)

    return Guard(f"the chunk {says}", holds)


_MEASURES: Final[tuple[tuple[str, Callable[[Application], int]], ...]] = (
    ("the number of queued chunks is", measures.queued),
    ("the number of queued bytes is", measures.size),
    ("the number of characters of the error value is", measures.message_length),
    ("the pulls that wait on the stream are", measures.waiting),
    ("the pulls that wait in all are", measures.waiting_in_all),
    ("the number of the stream is", measures.number),
    ("the number of streams there are is", measures.streams),
    ("the chunks that the stream has accepted are", measures.accepted),
    ("the streams deleted before are", measures.gone),
)
"""What is counted: a mistake may be made from some number on."""

_OF_FULLNESS: Final[tuple[tuple[str, Callable[[Application], bool]], ...]] = (
    ("fewer chunks are queued than is allowed", lambda each: measures.chunks_left(each) > 0),
    ("fewer bytes are queued than is allowed", lambda each: measures.bytes_left(each) > 0),
    (
        "just as many bytes are queued as is allowed, and fewer chunks",
        lambda each: measures.bytes_left(each) == 0 < measures.chunks_left(each),
    ),
    (
        "just as many chunks are queued as is allowed, and fewer bytes",
        lambda each: measures.chunks_left(each) == 0 < measures.bytes_left(each),
    ),
    (
        "one limit is reached and the other is not",
        lambda each: (measures.chunks_left(each) > 0) != (measures.bytes_left(each) > 0),
    ),
)
"""What an is_queue_full may look at."""

_FACTS: Final[tuple[tuple[str, Callable[[Application], bool]], ...]] = (
    ("the error value is empty", lambda each: measures.error_value(each) == ""),
    ("the error value is not printable ASCII", measures.is_unusual_message),
    ("the chunk is like the newest one queued", measures.is_like_the_newest),
    ("the stream is closed, errored or not", lambda each: measures.phase(each).closed),
    ("the stream is errored, closed or not", lambda each: measures.phase(each).errored),
    ("the stream is full", measures.full),
    (
        "the stream is full with it",
        lambda each: isinstance(each.op, Push) and measures.fills(each),
    ),
    ("the stream is the newest there is", measures.is_newest),
    ("the stream is the oldest there is", measures.is_oldest),
)
"""What holds or does not."""

_PHASES: Final = {
    Phase.ABSENT: "unknown",
    Phase.WAITING: "waited on",
    Phase.OPEN: "open",
    Phase.CLOSED: "closed",
    Phase.ERRORED: "errored and not closed",
    Phase.CLOSED_ERRORED: "closed and errored",
    Phase.PUSHES_WAITING: "open, and pushes wait on it",
    Phase.CLOSING: "closed, and pushes wait on it",
}

_ORDER: Final = tuple(_PHASES)


def _in(phase: Phase) -> Guard:
    return Guard(f"the stream is {_PHASES[phase]}", lambda each: measures.phase(each) is phase)


def _a_stream_in(phase: Phase) -> Guard:
    return Guard(f"a stream is {_PHASES[phase]}", lambda each: phase in measures.phases(each))
