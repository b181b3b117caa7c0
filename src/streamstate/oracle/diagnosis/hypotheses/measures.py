"""Numbers and facts about an application, of which guards are made."""

from __future__ import annotations

from streamstate.model import Error, Idle, Phase, Push, Waiting
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


def is_like_the_newest(application: Application) -> bool:
    """Whether a chunk is pushed that is the same as the newest one queued."""
    stream = application.before.find(number_of(application) or 0)
    queued = stream.queue.chunks()[-1:] if isinstance(stream, Idle) else ()
    return isinstance(application.op, Push) and application.op.chunk in queued


def message(application: Application) -> str:
    """The same where it is a message; nothing else has characters."""
    value = error_value(application)
    return value if isinstance(value, str) else ""


def is_unusual_message(application: Application) -> bool:
    """Whether it has other characters than those of ASCII that can be printed."""
    return not (message(application).isascii() and message(application).isprintable())


def message_length(application: Application) -> int:
    """How many characters it has."""
    return len(message(application))


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


def fills(application: Application) -> bool:
    """Whether the stream is full with the pushed chunk."""
    pushed = len(chunk(application) or b"")
    return bytes_left(application) <= pushed or chunks_left(application) <= 1


def bytes_left(application: Application) -> int:
    """How many bytes there is room for; less than none if there are too many."""
    return application.before.limits.high_water_mark - size(application)


def chunks_left(application: Application) -> int:
    """How many chunks there is room for; less than none if there are too many."""
    return application.before.limits.max_queue_chunks - queued(application)


def full(application: Application) -> bool:
    """Whether the stream has reached a limit."""
    return min(bytes_left(application), chunks_left(application)) <= 0


def phases(application: Application) -> frozenset[Phase]:
    """The phases of all streams, each once."""
    state = application.before
    return frozenset(control_of(stream, state.limits).phase for _, stream in state.streams)


def gone(application: Application) -> int:
    """How many streams were made and are gone."""
    state = application.before
    return state.next_stream - 1 - len(state.streams)


def number(application: Application) -> int:
    """The number of the stream that the op names; 0 if it names none."""
    return number_of(application) or 0


def streams(application: Application) -> int:
    """How many streams there are."""
    return len(application.before.streams)


def is_newest(application: Application) -> bool:
    """Whether the stream is the newest there is."""
    streams = application.before.streams
    return bool(streams) and streams[-1][0] == number_of(application)


def is_oldest(application: Application) -> bool:
    """Whether the stream is the oldest there is."""
    streams = application.before.streams
    return bool(streams) and streams[0][0] == number_of(application)
