"""When a mistake is made that is not always made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple

from streamstate.model import Idle, IsQueueFull, Phase, Push, Stream, Waiting
from streamstate.model.state import control_of
from streamstate.oracle.supposing.occasion import Occasion, number_of


class Guard(NamedTuple):
    """When the mistake is made. `says` completes "where …"; `natural` is one that is no wonder: an
    op that looks at one thing where it should look at two. `counts` says that it asks how often the
    rule was taken before, `looks_back` that it asks in which states the registry was."""

    says: str
    holds: Callable[[Occasion], bool]
    natural: bool = False
    counts: bool = False
    looks_back: bool = False

    @property
    def no_wonder(self) -> bool:
        """Whether nothing special has to be assumed."""
        return self.natural or not self.says


def _always(_occasion: Occasion) -> bool:
    return True


ALWAYS: Final = Guard("", _always)


def guards(occasion: Occasion) -> Iterator[Guard]:
    """What may have been special about an occasion, for a mistake that is not always made."""
    chunk = _chunk(occasion)
    if chunk is not None:
        yield from _about_the_chunk(chunk)
    if number_of(occasion) is None:
        yield from _about_any_stream(occasion)
    if occasion.place is not None:
        yield from _about_the_place(occasion.place)
    yield from _about_the_queue(occasion)
    phase = _phase(occasion)
    yield Guard(f"the stream is {_PHASES[phase]}", lambda each: _phase(each) is phase)
    if phase.closed:
        yield Guard("the stream is closed, errored or not", lambda each: _phase(each).closed)
    if phase.errored:
        yield Guard("the stream is errored, closed or not", lambda each: _phase(each).errored)
    yield Guard("others wait", lambda each: _waiting(each) > 1)
    number = number_of(occasion) or 0
    yield Guard(
        f"the stream is {number} or a later one", lambda each: (number_of(each) or 0) >= number
    )
    yield Guard(f"the stream is {number}", lambda each: (number_of(each) or 0) == number)
    streams = len(occasion.before.streams)
    there_are = "the number of streams there are is"
    yield Guard(f"{there_are} {streams}", lambda each: len(each.before.streams) == streams)
    yield Guard(f"{there_are} {streams} or more", lambda each: len(each.before.streams) >= streams)
    accepted = _accepted(occasion)
    yield Guard(
        f"the stream has accepted {accepted} chunks or more",
        lambda each: _accepted(each) >= accepted,
    )
    yield Guard(
        f"the stream has accepted {accepted} chunks", lambda each: _accepted(each) == accepted
    )
    times = occasion.times
    yield Guard(
        f"the rule was taken {times} times before, or more",
        lambda each: each.times >= times,
        counts=True,
    )
    yield Guard(
        f"the rule was taken {times} times before",
        lambda each: each.times == times,
        counts=True,
    )
    yield from (guard for guard in _BEFORE if guard.holds(occasion))
    at = occasion.at
    yield Guard(f"it is op {at + 1} or a later one", lambda each: each.at >= at)
    pulls = occasion.before.next_pull
    yield Guard(f"it is pull {pulls} or a later one", lambda each: each.before.next_pull >= pulls)


def _about_any_stream(occasion: Occasion) -> Iterator[Guard]:
    """For an op that is not on one stream."""
    phases = _phases(occasion)
    for phase, is_so in _PHASES.items():
        if phase in phases:
            yield Guard(f"a stream is {is_so}", partial(_is_in_phase, phase=phase))
    if _holds_chunks(occasion):
        yield Guard("a stream has chunks queued", _holds_chunks)


def _is_in_phase(occasion: Occasion, phase: Phase) -> bool:
    return phase in _phases(occasion)


def _phases(occasion: Occasion) -> frozenset[Phase]:
    state = occasion.before
    return frozenset(control_of(stream, state.limits).phase for _, stream in state.streams)


def _holds_chunks(occasion: Occasion) -> bool:
    streams = (stream for _, stream in occasion.before.streams)
    return any(isinstance(stream, Idle) and len(stream.queue) for stream in streams)


def _about_the_queue(occasion: Occasion) -> Iterator[Guard]:
    limits = occasion.before.limits
    if isinstance(occasion.op, IsQueueFull):
        most, mark = limits.max_queue_chunks, limits.high_water_mark

        def by_count(each: Occasion) -> bool:
            return _queued(each) >= most

        def by_size(each: Occasion) -> bool:
            return _bytes(each) >= mark

        few, little = f"fewer than {most} chunks", f"fewer than {mark:,} bytes"
        yield Guard(f"{few} are queued", lambda each: not by_count(each), natural=True)
        yield Guard(f"{little} are queued", lambda each: not by_size(each), natural=True)
        yield Guard(
            f"{mark:,} bytes are queued, and {few}",
            lambda each: _bytes(each) == mark and not by_count(each),
            natural=True,
        )
        yield Guard(
            f"{most} chunks are queued, and {little}",
            lambda each: _queued(each) == most and not by_size(each),
            natural=True,
        )
        yield Guard(
            "one limit is reached and the other is not",
            lambda each: by_count(each) != by_size(each),
            natural=True,
        )
    queued, size = _queued(occasion), _bytes(occasion)
    chunks = "the number of queued chunks is"
    yield Guard(f"{chunks} {queued} or more", lambda each: _queued(each) >= queued)
    yield Guard(f"{chunks} {queued}", lambda each: _queued(each) == queued)
    yield Guard(f"{size:,} bytes or more are queued", lambda each: _bytes(each) >= size)
    yield Guard(f"{size:,} bytes are queued", lambda each: _bytes(each) == size)


def _was_given(occasion: Occasion) -> bool:
    """The stream is unknown now, but there was one of that number."""
    number = number_of(occasion) or 0
    return 0 < number < occasion.before.next_stream and occasion.before.find(number) is None


def _earlier(occasion: Occasion) -> Iterator[Stream]:
    """The stream of the op as it was before each op until now."""
    number = number_of(occasion) or 0
    for state in occasion.past:
        stream = state.find(number)
        if stream is not None:
            yield stream


def _held_chunks(occasion: Occasion) -> bool:
    return any(isinstance(each, Idle) and len(each.queue) for each in _earlier(occasion))


def _was_waited_on(occasion: Occasion) -> bool:
    return any(isinstance(each, Waiting) for each in _earlier(occasion))


def _took_a_place(occasion: Occasion) -> bool:
    """The pull that waits came while another one waited."""
    now = occasion.before.find(number_of(occasion) or 0)
    if not isinstance(now, Waiting):
        return False
    return any(
        isinstance(one, Waiting)
        and isinstance(other, Waiting)
        and one.first != other.first == now.first
        and one.accepted == other.accepted  # nothing was handed over in between
        for one, other in pairwise((*_earlier(occasion), now))
    )


_BEFORE: Final = (
    Guard("there was a stream of that number", _was_given),
    Guard("chunks were queued on the stream before", _held_chunks, looks_back=True),
    Guard("a pull waited on the stream before", _was_waited_on, looks_back=True),
    Guard("the pull that waits took the place of another", _took_a_place, looks_back=True),
)


def _about_the_place(gone: Stream) -> Iterator[Guard]:
    """For a new stream: what was special about the one that was where it is now."""
    queued = len(gone.queue) if isinstance(gone, Idle) else 0

    def had_as_many(each: Occasion) -> bool:
        return isinstance(each.place, Idle) and len(each.place.queue) >= queued

    yield Guard(f"the deleted stream had {queued} chunks queued or more", had_as_many)


def _about_the_chunk(chunk: bytes) -> Iterator[Guard]:
    size, first = len(chunk), chunk[:1]
    tests: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
        (f"has {size:,} bytes or more", lambda each: len(each) >= size),
        (f"has {size:,} bytes or fewer", lambda each: len(each) <= size),
        (f"has {size:,} bytes", lambda each: len(each) == size),
        (f"begins with {first!r}", lambda each: each[:1] == first),
        (f"has a byte {first!r}", lambda each: first in each),
        ("is not ASCII", lambda each: not each.isascii()),
        (f"is {chunk[:9]!r}{'…' * (size > 9)}", lambda each: each == chunk),
    )
    for says, test in tests if chunk else (("is empty", _is_empty),):
        yield Guard(f"the chunk {says}", _on_chunk(test))
    yield Guard("the chunk is like the newest one queued", _is_like_the_newest)
    yield Guard("the newest chunk queued is empty", _newest_is_empty)
    if not chunk:
        yield Guard("the chunk is empty, and so is the queue", _is_empty_on_empty)


def _is_empty(chunk: bytes) -> bool:
    return not chunk


def _is_like_the_newest(occasion: Occasion) -> bool:
    stream = occasion.before.find(number_of(occasion) or 0)
    return isinstance(stream, Idle) and _chunk(occasion) in stream.queue.chunks()[-1:]


def _newest_is_empty(occasion: Occasion) -> bool:
    stream = occasion.before.find(number_of(occasion) or 0)
    return isinstance(stream, Idle) and stream.queue.chunks()[-1:] == (b"",)


def _is_empty_on_empty(occasion: Occasion) -> bool:
    return _chunk(occasion) == b"" and not _queued(occasion)


def _on_chunk(test: Callable[[bytes], bool]) -> Callable[[Occasion], bool]:
    def holds(occasion: Occasion) -> bool:
        chunk = _chunk(occasion)
        return chunk is not None and test(chunk)

    return holds


def _chunk(occasion: Occasion) -> bytes | None:
    """The chunk that is pushed; of another op the oldest one queued."""
    if isinstance(occasion.op, Push):
        return occasion.op.chunk
    stream = occasion.before.find(number_of(occasion) or 0)
    return stream.queue.oldest_chunk() if isinstance(stream, Idle) and stream.queue else None


def _queued(occasion: Occasion) -> int:
    stream = occasion.before.find(number_of(occasion) or 0)
    return len(stream.queue) if isinstance(stream, Idle) else 0


def _accepted(occasion: Occasion) -> int:
    stream = occasion.before.find(number_of(occasion) or 0)
    return 0 if stream is None else stream.accepted


def _bytes(occasion: Occasion) -> int:
    stream = occasion.before.find(number_of(occasion) or 0)
    return stream.queue.size if isinstance(stream, Idle) else 0


def _phase(occasion: Occasion) -> Phase:
    stream = occasion.before.find(number_of(occasion) or 0)
    return control_of(stream, occasion.before.limits).phase


_PHASES: Final = {
    Phase.ABSENT: "unknown",
    Phase.WAITING: "waited on",
    Phase.OPEN: "open",
    Phase.CLOSED: "closed",
    Phase.ERRORED: "errored and not closed",
    Phase.CLOSED_ERRORED: "closed and errored",
}


def _waiting(occasion: Occasion) -> int:
    """How many pulls wait on the stream; where there is none, on that with the most."""
    own = number_of(occasion)
    return max(
        (
            1 + len(stream.others)
            for number, stream in occasion.before.streams
            if isinstance(stream, Waiting) and own in (None, number)
        ),
        default=0,
    )
