"""What CrossHair confirms of a stream on which pushes wait, over all paths: each event.

What is left out is: given back chunks, and more than two pushes that wait (a third where one is
pushed). Queues, chunks, sizes, limits, numbers and error values are any.
"""

from __future__ import annotations

from streamstate.model import PullId, PushId
from streamstate.model.stream import react
from tests.crosshair import push_laws
from tests.crosshair.given import BACKLOGS, Given, pick
from tests.crosshair.push_laws import Sends


def push_on_full(given: Given, push: PushId, chunk: bytes) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given)
    post: True
    """
    push_laws.push_on_full(react, given, push, chunk)


def push_behind(given: Given, sends: Sends, push: PushId, chunk: bytes) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given) and sends.possible()
    post: True
    """
    push_laws.push_behind(react, given, sends, push, chunk)


def close_on_pushes(given: Given, sends: Sends) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given) and sends.possible()
    post: True
    """
    push_laws.close_on_pushes(react, given, sends)


def error_on_pushes(given: Given, sends: Sends, value: int, backlog: int) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given) and sends.possible() and 0 <= backlog < 3
    post: True
    """
    push_laws.error_on_pushes(react, given, sends, value, pick(BACKLOGS, backlog))


def delete_on_pushes(given: Given, sends: Sends) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given) and sends.possible()
    post: True
    """
    push_laws.delete_on_pushes(react, given, sends)


def cancel_of_a_push(given: Given, sends: Sends, newest: bool) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given) and sends.possible()
    post: True
    """
    push_laws.cancel_of_a_push(react, given, sends, newest)


def pull_on_pushes(given: Given, sends: Sends, pull: PullId) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given) and sends.possible()
    post: True
    """
    push_laws.pull_on_pushes(react, given, sends, pull)


def looks_on_pushes(given: Given, sends: Sends, full: bool) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given) and sends.possible()
    post: True
    """
    push_laws.looks_leave_pushes_alone(react, given, sends, full)
