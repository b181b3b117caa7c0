"""Whether a witness is one: an order in which the model answers as was answered."""

from __future__ import annotations

from streamstate.histories.events import Answered, Brought, Call, Cancelled, Pending, Unasked
from streamstate.histories.linearize import Point, Witness
from streamstate.histories.objects import Object
from streamstate.histories.replaying import WAITS, replay
from streamstate.wire import Json, encode_bytes


def assert_witness(one: Object, witness: Witness) -> None:
    """Raises `AssertionError` if not."""
    told = replay(one.start, witness)
    answers = {each.call.number: each.answer for each in told}
    placed = {point.call.number for point in witness if not point.cancels}
    cancelled = {point.call.number for point in witness if point.cancels}
    for call in one.calls:
        if not call.happened:
            continue
        match call.outcome:
            case Cancelled():
                assert (call.number in placed) == (call.number in cancelled)
            case Pending():
                pass
            case Unasked():
                assert call.number in placed
            case Answered() | Brought():
                assert call.number not in cancelled
                assert_alike(answers[call.number], call)
    assert_in_time(witness)


def assert_alike(answer: Json, call: Call) -> None:
    assert answer != WAITS
    match call.outcome:
        case Brought(chunk):
            assert answer == ["value", encode_bytes(chunk)]
        case Answered(said):
            assert answer == said
        case _:
            pass


def assert_in_time(witness: Witness) -> None:
    """No point lies before that of a call which had responded when its own was invoked."""
    latest: Point | None = None
    for point in witness:
        if latest is not None:
            assert not point.call.precedes(latest.call), (point, latest)
        if latest is None or point.call.invoked > latest.call.invoked:
            latest = point
