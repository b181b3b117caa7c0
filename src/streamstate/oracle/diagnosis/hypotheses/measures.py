"""Numbers and facts about an application, of which guards are made."""

from __future__ import annotations

from typing import Final

from streamstate.model import Error, Idle, Phase, Push, Waiting
from streamstate.model.control import Level
from streamstate.model.state import Failed, control_of
from streamstate.oracle.diagnosis.hypotheses.application import Application, number_of


def chunk(application: Application) -> bytes | None:
    """The pushed chunk; for any other op the oldest queued one."""
    if isinstance(application.op, Push):
        return application.op.chunk
    stream = application.before.find(number_of(application) or 0)
    return stream.queue.oldest_chunk() if isinstance(stream, Idle) and stream.queue else None


def error_value(application: Application) -> object:
    """The value given to error; for any other op that of its stream. None where there is none."""
    if isinstance(application.op, Error):
        return application.op.value
    stream = application.before.find(number_of(application) or 0)
    if isinstance(stream, Idle) and isinstance(stream.status, Failed):
        return stream.status.value
    return None


def queued(application: Application) -> int:
    """How many chunks are queued on the stream; 0 where there is none."""
    stream = application.before.find(number_of(application) or 0)
    return len(stream.queue) if isinstance(stream, Idle) else 0


def accepted(application: Application) -> int:
    """How many chunks the stream has accepted."""
    stream = application.before.find(number_of(application) or 0)
    return 0 if stream is None else stream.accepted


def size(application: Application) -> int:
    """How many bytes are queued on the stream."""
    stream = application.before.find(number_of(application) or 0)
    return stream.queue.size if isinstance(stream, Idle) else 0


def phase(application: Application) -> Phase:
    """The phase of the stream."""
    stream = application.before.find(number_of(application) or 0)
    return control_of(stream, application.before.limits).phase


def waiting(application: Application) -> int:
    """How many pulls wait on the stream; if there is none, on the stream with most."""
    own = number_of(application)
    return max(
        (
            1 + len(stream.others)
            for number, stream in application.before.streams
            if isinstance(stream, Waiting) and own in (None, number)
        ),
        default=0,
    )


def waiting_in_all(application: Application) -> int:
    """How many pulls wait, on whichever stream."""
    return sum(
        1 + len(stream.others)
        for _, stream in application.before.streams
        if isinstance(stream, Waiting)
    )


def over_mark(application: Application) -> int:
    """By how many bytes the queue is over the limit with the pushed chunk."""
    pushed = len(chunk(application) or b"")
    return size(application) + pushed - application.before.limits.high_water_mark


def comes_to_most_chunks(application: Application) -> bool:
    """Whether the queue reaches the limit of chunks with the pushed one."""
    return queued(application) + 1 >= application.before.limits.max_queue_chunks


def fills(application: Application) -> bool:
    """Whether the stream is full with the pushed chunk."""
    return over_mark(application) >= 0 or comes_to_most_chunks(application)


def is_at_mark(application: Application) -> bool:
    """Whether exactly as many bytes are queued as the limit says."""
    return size(application) == application.before.limits.high_water_mark


def is_at_most_chunks(application: Application) -> bool:
    """Whether exactly as many chunks are queued as the limit says."""
    return queued(application) == application.before.limits.max_queue_chunks


def full_by_size(application: Application) -> bool:
    """Whether the stream has reached the limit of bytes."""
    return size(application) >= application.before.limits.high_water_mark


def full_by_count(application: Application) -> bool:
    """Whether the stream has reached the limit of chunks."""
    return queued(application) >= application.before.limits.max_queue_chunks


def full(application: Application) -> bool:
    """Whether the stream has reached a limit."""
    return full_by_size(application) or full_by_count(application)


def phases(application: Application) -> frozenset[Phase]:
    """The phases of all streams, each once."""
    state = application.before
    return frozenset(control_of(stream, state.limits).phase for _, stream in state.streams)


def holds_chunks(application: Application) -> bool:
    """Whether any stream has chunks queued."""
    streams = (stream for _, stream in application.before.streams)
    return any(isinstance(stream, Idle) and len(stream.queue) for stream in streams)


def was_given(application: Application) -> bool:
    """The stream is unknown now, but there was one of that number."""
    number = number_of(application) or 0
    return 0 < number < application.before.next_stream and application.before.find(number) is None


def gone(application: Application) -> int:
    """How many streams were made and are gone."""
    state = application.before
    return state.next_stream - 1 - len(state.streams)


def phases_beside(application: Application) -> frozenset[Phase]:
    """The phases of the other streams, each once; none if the op names no stream."""
    number, state = number_of(application), application.before
    if number is None or len(state.streams) > _SOME:
        return frozenset()
    return frozenset(
        control_of(stream, state.limits).phase for each, stream in state.streams if each != number
    )


def one_is_full_beside(application: Application) -> bool:
    """Whether another stream than the op's own has reached a limit."""
    number, state = number_of(application), application.before
    if number is None or len(state.streams) > _SOME:
        return False
    levels = (
        control_of(stream, state.limits).level for each, stream in state.streams if each != number
    )
    return Level.FULL in levels


_SOME: Final = 20
"""At most so many streams are looked through."""


def is_like_the_newest(application: Application) -> bool:
    """Whether the chunk is the same as the newest one queued."""
    stream = application.before.find(number_of(application) or 0)
    return isinstance(stream, Idle) and chunk(application) in stream.queue.chunks()[-1:]


def newest_is_empty(application: Application) -> bool:
    """Whether the newest chunk queued is empty."""
    stream = application.before.find(number_of(application) or 0)
    return isinstance(stream, Idle) and stream.queue.chunks()[-1:] == (b"",)


def is_empty_on_empty(application: Application) -> bool:
    """Whether an empty chunk comes where nothing is queued."""
    return chunk(application) == b"" and not queued(application)
