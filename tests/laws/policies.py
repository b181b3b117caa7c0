"""The laws of dialects: what overlapping pulls and the chunks of errored streams come to."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.model import (
    CancelPull,
    Dialect,
    Error,
    Idle,
    Pull,
    PushesWaiting,
    Stream,
    Waiting,
)
from streamstate.model.invariants import waiting_pulls
from streamstate.model.state import Failed
from tests.laws.history import Happening, History


def overlapping_pulls_follow_their_policy(history: History) -> Iterator[str]:
    """Who waits after a pull on which another waited, and what becomes of those who do not."""
    for happening in history:
        if not isinstance(happening.op, Pull):
            continue
        before = happening.before.find(happening.op.stream)
        if not isinstance(before, Waiting):
            continue
        earlier, later = waiting_pulls(before), happening.before.next_pull
        waiting, rejected, abandoned = {
            "overwrite": ((later,), (), earlier),
            "supersede": ((later,), earlier, ()),
            "refuse": (earlier, (later,), ()),
            "queue": ((*earlier, later), (), ()),
        }[happening.before.dialect.overlapping_pull]
        after = happening.after.find(happening.op.stream)
        if after is None or waiting_pulls(after) != waiting:
            yield f"{happening.op}: {waiting} should wait, and the stream is {after}"
        if (happening.settled, happening.abandoned) != (rejected, abandoned):
            yield f"{happening.op}: rejected should be {rejected}, abandoned {abandoned}"


def backlogs_follow_their_policy(history: History) -> Iterator[str]:
    """What an errored stream has queued is out of reach, pulled first, or gone."""
    for happening in history:
        match happening.op:
            case Pull(stream):
                due = _pull_brings(happening.before.dialect, happening.before.find(stream))
                if due is not None and due != bool(happening.brought):
                    yield f"{happening.op} on an errored stream did {happening.effects}"
            case Error(stream):
                before, after = _queued(happening, stream)
                dropped = _drops(happening.after.dialect, happening.after.find(stream))
                if after != (0 if dropped else before):
                    yield f"{happening.op} left {after} chunks queued of {before}"
            case CancelPull(pull):
                yield from _cancelled(happening, pull)
            case _:
                pass


def _pull_brings(dialect: Dialect, stream: Stream | None) -> bool | None:
    """Whether a pull there has to bring a chunk; None if the stream is not errored."""
    if stream is None or not _errored(stream):
        return None
    return dialect.errored_backlog == "drain" and _length(stream) > 0


def _cancelled(happening: Happening, pull: int) -> Iterator[str]:
    handed = next((one for one in happening.before.handed if one.pull == pull), None)
    if handed is None or not _errored(happening.before.find(handed.stream)):
        return
    before, after = _queued(happening, handed.stream)
    if after - before != (happening.before.dialect.errored_backlog != "drop"):
        yield f"{happening.op} left {after} chunks queued of {before} on an errored stream"


def _drops(dialect: Dialect, stream: Stream | None) -> bool:
    return dialect.errored_backlog == "drop" and _errored(stream)


def _errored(stream: Stream | None) -> bool:
    return isinstance(stream, Idle) and isinstance(stream.status, Failed)


def _queued(happening: Happening, stream: int) -> tuple[int, int]:
    return _length(happening.before.find(stream)), _length(happening.after.find(stream))


def _length(stream: Stream | None) -> int:
    return len(stream.queue) if isinstance(stream, Idle | PushesWaiting) else 0
