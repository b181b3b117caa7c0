"""What CrossHair confirms of a registry of two streams, over all paths: each op.

The op names either stream or any other number. The stream that it names is open, closed, errored or
waited on, the other one open or waited on, each with a queue of any length.
"""

from __future__ import annotations

from streamstate.model import (
    Close,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Pull,
    PullId,
    Push,
    StreamId,
    step,
)
from tests.crosshair import registry_laws as laws
from tests.crosshair.registry_laws import Two


def push_leaves_the_other_alone(given: Two, own: StreamId, chunk: bytes) -> None:
    """
    pre: given.possible() and given.about(own)
    post: True
    """
    laws.leaves_the_other_alone(step, given, own, Push(own, chunk))


def pull_leaves_the_other_alone(given: Two, own: StreamId) -> None:
    """
    pre: given.possible() and given.about(own)
    post: True
    """
    laws.leaves_the_other_alone(step, given, own, Pull(own))


def close_leaves_the_other_alone(given: Two, own: StreamId) -> None:
    """
    pre: given.possible() and given.about(own)
    post: True
    """
    laws.leaves_the_other_alone(step, given, own, Close(own))


def error_leaves_the_other_alone(given: Two, own: StreamId, value: int) -> None:
    """
    pre: given.possible() and given.about(own)
    post: True
    """
    laws.leaves_the_other_alone(step, given, own, Error(own, value))


def delete_leaves_the_other_alone(given: Two, own: StreamId) -> None:
    """
    pre: given.possible() and given.about(own)
    post: True
    """
    laws.leaves_the_other_alone(step, given, own, Delete(own))


def get_leaves_the_other_alone(given: Two, own: StreamId) -> None:
    """
    pre: given.possible() and given.about(own)
    post: True
    """
    laws.leaves_the_other_alone(step, given, own, Get(own))


def is_queue_full_leaves_the_other_alone(given: Two, own: StreamId) -> None:
    """
    pre: given.possible() and given.about(own)
    post: True
    """
    laws.leaves_the_other_alone(step, given, own, IsQueueFull(own))


def cancel_pull_leaves_the_other_alone(given: Two, pull: PullId) -> None:
    """
    pre: given.possible() and given.about(given.owner(pull))
    post: True
    """
    laws.cancel_leaves_the_other_alone(step, given, pull)


def seen_leaves_streams_alone(given: Two, pull: PullId) -> None:
    """
    pre: given.possible() and given.about(given.owner(pull))
    post: True
    """
    laws.seen_leaves_streams_alone(step, given, pull)


def create_makes_a_third(given: Two) -> None:
    """
    pre: given.possible() and given.about(3)
    post: True
    """
    laws.create_makes_a_third(step, given)


def clear_is_both_deletes(given: Two) -> None:
    """
    pre: given.possible() and given.about(1)
    post: True
    """
    laws.clear_is_both_deletes(step, given)
