"""What an implementation itself shows of a stream where one of its answers is wrong."""

from __future__ import annotations

from streamstate.model import Close, Delete, Error, Get, IsQueueFull, Limits, Pull, Push
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.program import Program, symbol
from streamstate.oracle.verdict.deviation import Difference, Kind, OwnView
from streamstate.wire import Json, Turn, is_array


def own_view(
    runner: Runner, program: Program, limits: Limits | None, difference: Difference
) -> OwnView | None:
    """That of the stream of the op whose answer differs. None where there is no such stream, where
    a view is what differs, and for an implementation that shows none. Runs one program."""
    stream = _stream_of(program[difference.at].op)
    told = difference.kind in {Kind.VIEW, Kind.FAILED}
    if stream is None or told or not runner.shows_get():
        return None
    looking = (*program[: difference.at + 1], symbol(Get(stream)))
    (reply,) = runner.replies((looking,), limits)
    if reply is None or reply.failed is not None:
        return None
    expected = runner.model(limits).expect(looking).links[-1].json
    return OwnView(stream, _returned(expected), _returned(reply.trace[-1]))


def _stream_of(turn: Turn) -> int | None:
    match turn:
        case Push() | Pull() | Close() | Error() | IsQueueFull() | Delete():
            return turn.stream
        case _:
            return None


def _returned(answer: Json) -> Json:
    return answer[0] if is_array(answer) else None
