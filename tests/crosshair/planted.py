"""Faults that CrossHair must refute, or its confirmations are worth nothing.

Each condition here is one of `conditions` or `registry_conditions`, said of a `react` or a `step`
with one fault in it. Some faults show at once, some in a corner that no example would think of.
"""

from __future__ import annotations

from streamstate.model import PullId, PushId, StreamId
from streamstate.model.ops import Close, Delete, Error, Pull, Push
from streamstate.model.state import OPEN, Placed
from tests.crosshair import chunk_laws, faults, flag_laws, push_faults, push_laws, registry_laws
from tests.crosshair.given import Back, Given, Pulls
from tests.crosshair.push_laws import Sends
from tests.crosshair.registry_laws import Two


def push_puts_the_chunk_first(given: Given, back: Back, chunk: bytes) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    chunk_laws.push_on_open(faults.push_first, given, back, chunk, refuse=False)


def push_forgets_the_size(given: Given, back: Back, chunk: bytes) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    chunk_laws.push_on_open(faults.size_as_before, given, back, chunk, refuse=False)


def push_miscounts_one_length(given: Given, back: Back, chunk: bytes) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    chunk_laws.push_on_open(faults.size_off_at_97, given, back, chunk, refuse=False)


def push_loses_the_17th_chunk(given: Given, back: Back, chunk: bytes) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    chunk_laws.push_on_open(faults.seventeenth_lost, given, back, chunk, refuse=False)


def push_refuses_one_chunk_late(given: Given, back: Back, chunk: bytes) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    chunk_laws.push_on_open(faults.one_chunk_more, given, back, chunk, refuse=True)


def push_refuses_one_byte_late(given: Given, back: Back, chunk: bytes) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    chunk_laws.push_on_open(faults.one_byte_more, given, back, chunk, refuse=True)


def push_serves_the_newest_pull(given: Given, pulls: Pulls, chunk: bytes) -> None:
    """
    pre: given.possible() and pulls.possible()
    post: True
    """
    chunk_laws.push_on_waiting(faults.newest_pull_first, given, pulls, chunk)


def pull_takes_the_newest(given: Given, back: Back, pull: PullId) -> None:
    """
    pre: given.possible() and back.possible()
    pre: back.count + len(given.fresh) > 0
    post: True
    """
    chunk_laws.pull_on(faults.newest_taken, given, back, OPEN, pull)


def pull_forgets_the_size(given: Given, back: Back, pull: PullId) -> None:
    """
    pre: given.possible() and back.possible()
    pre: back.count + len(given.fresh) > 0
    post: True
    """
    chunk_laws.pull_on(faults.size_as_before, given, back, OPEN, pull)


def pull_wakes_no_writer(given: Given, back: Back, pull: PullId) -> None:
    """
    pre: given.possible() and back.possible()
    pre: back.count + len(given.fresh) > 0
    post: True
    """
    chunk_laws.pull_on(faults.nobody_woken, given, back, OPEN, pull)


def pull_wakes_writers_too_early(given: Given, back: Back, pull: PullId) -> None:
    """
    pre: given.possible() and back.possible()
    pre: back.count + len(given.fresh) > 0
    post: True
    """
    chunk_laws.pull_on(faults.always_woken, given, back, OPEN, pull)


def later_pull_says_nothing_to_the_earlier(given: Given, pulls: Pulls, pull: PullId) -> None:
    """
    pre: given.possible() and pulls.possible() and pulls.count == 1
    post: True
    """
    chunk_laws.pull_on_waiting(faults.silent, given, pulls, "supersede", pull)


def close_settles_only_one(given: Given, pulls: Pulls) -> None:
    """
    pre: given.possible() and pulls.possible()
    post: True
    """
    flag_laws.close_on_waiting(faults.first_effect_only, given, pulls)


def close_wakes_no_writer(given: Given, back: Back) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    flag_laws.close_on(faults.nobody_woken, given, back, OPEN)


def error_empties_the_queue(given: Given, back: Back, value: int) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    flag_laws.error_on_open(faults.queue_emptied, given, back, value, "hold")


def error_keeps_what_it_should_drop(given: Given, back: Back, value: int) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    flag_laws.error_on_open(faults.queue_as_before, given, back, value, "drop")


def error_replaces_the_first_value(given: Given, closed: bool, old: int, new: int) -> None:
    """
    pre: given.possible()
    post: True
    """
    flag_laws.error_on_errored(faults.latest_error, given, closed, old, new, keep=True)


def delete_says_nothing_to_those_behind(given: Given, pulls: Pulls) -> None:
    """
    pre: given.possible() and pulls.possible()
    post: True
    """
    flag_laws.delete_on_waiting(faults.first_effect_only, given, pulls)


def full_only_above_the_limit(given: Given, back: Back) -> None:
    """
    pre: given.possible() and back.possible()
    post: True
    """
    flag_laws.is_queue_full_on(faults.one_chunk_more, given, back, OPEN)


def cancel_ends_the_wait_of_the_oldest(given: Given, pulls: Pulls, which: int) -> None:
    """
    pre: given.possible() and pulls.possible() and 0 <= which < pulls.count
    post: True
    """
    flag_laws.cancel_waiting(faults.oldest_leaves, given, pulls, which)


def cancel_gives_back_behind_the_others(given: Given, back: Back, handed: Placed) -> None:
    """
    pre: given.possible() and back.possible()
    pre: handed.place >= 1 and handed.place != back.place and handed.place != back.later
    post: True
    """
    chunk_laws.cancel_handed(faults.given_back_last, given, back, OPEN, "hold", handed)


def cancel_forgets_the_size(given: Given, back: Back, handed: Placed) -> None:
    """
    pre: given.possible() and back.possible()
    pre: handed.place >= 1 and handed.place != back.place and handed.place != back.later
    post: True
    """
    chunk_laws.cancel_handed(faults.size_as_before, given, back, OPEN, "hold", handed)


def push_closes_the_other(given: Two, own: StreamId, chunk: bytes) -> None:
    """
    pre: given.possible()
    post: True
    """
    registry_laws.leaves_the_other_alone(faults.closes_stream_2, given, own, Push(own, chunk))


def delete_takes_handed_chunks(given: Two, own: StreamId) -> None:
    """
    pre: given.possible()
    post: True
    """
    registry_laws.leaves_the_other_alone(faults.nothing_handed, given, own, Delete(own))


def pull_takes_no_number(given: Two, own: StreamId) -> None:
    """
    pre: given.possible()
    post: True
    """
    registry_laws.leaves_the_other_alone(faults.pulls_not_counted, given, own, Pull(own))


def error_reaches_stream_2_by_the_number_1000(given: Two, own: StreamId) -> None:
    """
    pre: given.possible()
    post: True
    """
    registry_laws.leaves_the_other_alone(faults.alias_of_2, given, own, Error(own, "boom"))


def close_drops_the_other_where_both_are_long(given: Two, own: StreamId) -> None:
    """
    pre: given.possible()
    post: True
    """
    registry_laws.leaves_the_other_alone(faults.long_queue_lost, given, own, Close(own))


def create_uses_a_number_again(given: Two) -> None:
    """
    pre: given.possible()
    post: True
    """
    registry_laws.create_makes_a_third(faults.numbers_not_counted, given)


def clear_goes_backwards(given: Two) -> None:
    """
    pre: given.possible() and given.two.kind == 3
    post: True
    """
    registry_laws.clear_is_both_deletes(faults.effects_reversed, given)


def push_waits_in_front(given: Given, sends: Sends, push: PushId, chunk: bytes) -> None:
    """
    pre: given.possible() and sends.possible()
    post: True
    """
    push_laws.push_behind(push_faults.newest_in_front, given, sends, push, chunk)


def cancelled_push_is_sent(given: Given, sends: Sends) -> None:
    """
    pre: given.possible() and sends.possible()
    post: True
    """
    push_laws.cancel_of_a_push(push_faults.cancelled_is_sent, given, sends, newest=True)


def close_forgets_the_second_push(given: Given, sends: Sends) -> None:
    """
    pre: given.possible() and sends.possible()
    post: True
    """
    push_laws.close_on_pushes(push_faults.second_waits_on, given, sends)


def pull_lets_one_too_many_in(given: Given, sends: Sends, pull: PullId) -> None:
    """
    pre: given.possible() and push_laws.is_full_of(given) and sends.possible()
    post: True
    """
    push_laws.pull_on_pushes(faults.one_chunk_more, given, sends, pull)
