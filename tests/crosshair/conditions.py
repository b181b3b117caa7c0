"""What CrossHair confirms of one stream, over all paths: each event in each phase.

The preconditions say what is left out, and that is: more than two given back chunks, and more than
three waiting pulls. Queues, chunks, sizes, limits, numbers and error values are any.
"""

from __future__ import annotations

from streamstate.model import Event, PullId
from streamstate.model.dialect import ErroredBacklog
from streamstate.model.reaction import Subject
from streamstate.model.state import CLOSED, OPEN, Placed
from streamstate.model.stream import react
from tests.crosshair import chunk_laws, flag_laws
from tests.crosshair.chunk_laws import OVERLAPS
from tests.crosshair.given import BACKLOGS, LATE, Back, Given, Pulls, failed, pick, status_of


def push_on_open(given: Given, back: Back, chunk: bytes, refuse: bool) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    chunk_laws.push_on_open(react, given, back, chunk, refuse)


def push_on_closed(given: Given, chunk: bytes) -> None:
    """
    pre: given.possible()
    post: True
    """
    chunk_laws.push_on_ended(react, given, CLOSED, chunk)


def push_on_errored(given: Given, chunk: bytes, closed: bool, value: int) -> None:
    """
    pre: given.possible()
    post: True
    """
    chunk_laws.push_on_ended(react, given, failed(value, closed), chunk)


def push_on_waiting(given: Given, pulls: Pulls, chunk: bytes) -> None:
    """
    pre: given.possible() and pulls.possible()
    post: True
    """
    chunk_laws.push_on_waiting(react, given, pulls, chunk)


def pull_on_open(given: Given, back: Back, pull: PullId) -> None:
    """
    pre: given.possible() and back.possible()
    pre: back.count + len(given.fresh) > 0
    post: True
    """
    chunk_laws.pull_on(react, given, back, OPEN, pull)


def pull_on_closed(given: Given, back: Back, pull: PullId) -> None:
    """
    pre: given.possible() and back.possible()
    pre: back.count + len(given.fresh) > 0
    post: True
    """
    chunk_laws.pull_on(react, given, back, CLOSED, pull)


def pull_on_errored_drain(given: Given, back: Back, closed: bool, value: int, pull: PullId) -> None:
    """
    pre: given.possible() and back.possible()
    pre: back.count + len(given.fresh) > 0
    post: True
    """
    chunk_laws.pull_on(react, given, back, failed(value, closed), pull)


def pull_on_errored(given: Given, closed: bool, value: int, backlog: int, pull: PullId) -> None:
    """
    pre: given.possible() and 0 <= backlog < 3
    pre: backlog != 1 or len(given.fresh) == 0
    post: True
    """
    chunk_laws.pull_on_errored(react, given, closed, value, pick(BACKLOGS, backlog), pull)


def pull_on_empty(given: Given, closed: bool, pull: PullId) -> None:
    """
    pre: given.possible() and len(given.fresh) == 0
    post: True
    """
    chunk_laws.pull_on_empty(react, given, closed, pull)


def pull_on_waiting(given: Given, pulls: Pulls, overlap: int, pull: PullId) -> None:
    """
    pre: given.possible() and pulls.possible() and 0 <= overlap < 4
    pre: overlap == 3 or pulls.count == 1
    post: True
    """
    chunk_laws.pull_on_waiting(react, given, pulls, pick(OVERLAPS, overlap), pull)


def close_on_idle(given: Given, back: Back, phase: int, value: int) -> None:
    """
    pre: given.possible() and back.possible() and 0 <= phase < 4
    post: True
    """
    flag_laws.close_on(react, given, back, status_of(phase, value))


def close_on_waiting(given: Given, pulls: Pulls) -> None:
    """
    pre: given.possible() and pulls.possible()
    post: True
    """
    flag_laws.close_on_waiting(react, given, pulls)


def error_on_open(given: Given, back: Back, value: int, backlog: int) -> None:
    """
    pre: given.possible() and back.possible() and 0 <= backlog < 3
    post: True
    """
    flag_laws.error_on_open(react, given, back, value, pick(BACKLOGS, backlog))


def error_on_closed(given: Given, value: int, backlog: int, late: int) -> None:
    """
    pre: given.possible() and 0 <= backlog < 3 and 0 <= late < 3
    post: True
    """
    flag_laws.error_on_closed(react, given, value, pick(BACKLOGS, backlog), pick(LATE, late))


def error_on_errored(given: Given, closed: bool, old: int, new: int, keep: bool) -> None:
    """
    pre: given.possible()
    post: True
    """
    flag_laws.error_on_errored(react, given, closed, old, new, keep)


def error_on_waiting(given: Given, pulls: Pulls, value: int) -> None:
    """
    pre: given.possible() and pulls.possible()
    post: True
    """
    flag_laws.error_on_waiting(react, given, pulls, value)


def is_queue_full_on_idle(given: Given, back: Back, phase: int, value: int) -> None:
    """
    pre: given.possible() and back.possible() and 0 <= phase < 4
    post: True
    """
    flag_laws.is_queue_full_on(react, given, back, status_of(phase, value))


def delete_on_idle(given: Given, back: Back, phase: int, value: int) -> None:
    """
    pre: given.possible() and back.possible() and 0 <= phase < 4
    post: True
    """
    flag_laws.delete_on(react, given, back, status_of(phase, value))


def delete_on_waiting(given: Given, pulls: Pulls) -> None:
    """
    pre: given.possible() and pulls.possible()
    post: True
    """
    flag_laws.delete_on_waiting(react, given, pulls)


def cancel_waiting(given: Given, pulls: Pulls, which: int) -> None:
    """
    pre: given.possible() and pulls.possible() and 0 <= which < pulls.count
    post: True
    """
    flag_laws.cancel_waiting(react, given, pulls, which)


def cancel_handed_on_waiting(given: Given, pulls: Pulls, handed: Placed, pull: PullId) -> None:
    """
    pre: given.possible() and pulls.possible()
    post: True
    """
    chunk_laws.cancel_handed_on_waiting(react, given, pulls, handed, pull)


def cancel_handed_on_open(given: Given, back: Back, handed: Placed) -> None:
    """
    pre: given.possible() and back.possible()
    pre: handed.place >= 1 and handed.place != back.place and handed.place != back.later
    post: True
    """
    chunk_laws.cancel_handed(react, given, back, OPEN, "hold", handed)


def cancel_handed_on_closed(given: Given, back: Back, handed: Placed) -> None:
    """
    pre: given.possible() and back.possible()
    pre: handed.place >= 1 and handed.place != back.place and handed.place != back.later
    post: True
    """
    chunk_laws.cancel_handed(react, given, back, CLOSED, "hold", handed)


def cancel_handed_on_errored(
    given: Given, back: Back, closed: bool, value: int, drain: bool, handed: Placed
) -> None:
    """
    pre: given.possible() and back.possible() and back.count < 2
    pre: handed.place >= 1 and handed.place != back.place
    post: True
    """
    backlog: ErroredBacklog = "drain" if drain else "hold"
    chunk_laws.cancel_handed(react, given, back, failed(value, closed), backlog, handed)


def cancel_handed_on_errored_drop(
    given: Given, back: Back, closed: bool, value: int, handed: Placed
) -> None:
    """
    pre: given.possible() and back.possible() and back.count < 2
    post: True
    """
    chunk_laws.cancel_handed(react, given, back, failed(value, closed), "drop", handed)


LOOKS = (Event.GET, Event.CANCEL_WAITING, Event.CANCEL_OTHER, Event.SEEN_HANDED, Event.SEEN_OTHER)


def others_on_idle(given: Given, phase: int, value: int, look: int, pull: PullId) -> None:
    """
    pre: given.possible() and 0 <= phase < 4 and 0 <= look < 5
    post: True
    """
    flag_laws.leave_alone(react, given, status_of(phase, value), pick(LOOKS, look), pull)


EVENTS = tuple(event for event in Event if event is not Event.CREATE)


def any_on_unknown(given: Given, which: int, pull: PullId, chunk: bytes) -> None:
    """
    pre: given.possible() and 0 <= which < 14
    post: True
    """
    flag_laws.on_unknown(react, given, pick(EVENTS, which), Subject(pull, chunk))


def create(given: Given) -> None:
    """
    pre: given.possible()
    post: True
    """
    flag_laws.create(react, given)
