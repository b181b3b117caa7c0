"""The situations that make the laws say something.

A law that nothing in a run comes near holds for nothing. So each law names here what must have
been seen for it to count, and tests assert that the programs they draw do show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    Handed,
    Idle,
    IsQueueFull,
    Pull,
    Push,
    Rejected,
    Rule,
    Seen,
    State,
    StreamId,
    Unblocked,
    Waiting,
    explain,
)
from streamstate.model.invariants import waiting_pushes
from tests.laws.history import Happening, History, blocked, stream_of

Sighting: TypeAlias = Callable[[Happening], bool]
"""Whether one op of a run is an instance of it; the function's name says of what."""


def _handed(happening: Happening) -> Handed | None:
    """The handed chunk whose pull this op cancels."""
    if not isinstance(happening.op, CancelPull):
        return None
    pull = happening.op.pull
    return next((one for one in happening.before.handed if one.pull == pull), None)


def a_chunk_goes_back_before_younger_ones(happening: Happening) -> bool:
    handed = _handed(happening)
    stream = handed and happening.after.find(handed.stream)
    return (
        isinstance(stream, Idle)
        and len(stream.queue) > 1
        and stream.queue.given_back[:1] != ()
        and handed is not None
        and stream.queue.given_back[0].place == handed.place
    )


def a_chunk_goes_back_behind_an_older_one(happening: Happening) -> bool:
    handed = _handed(happening)
    stream = handed and happening.after.find(handed.stream)
    return (
        isinstance(stream, Idle)
        and handed is not None
        and any(one.place < handed.place for one in stream.queue.given_back)
    )


def a_chunk_goes_on_to_another_pull(happening: Happening) -> bool:
    return _handed(happening) is not None and bool(happening.brought)


def a_chunk_is_cancelled_on_a_deleted_stream(happening: Happening) -> bool:
    return _rule(happening) is Rule.CANCEL_PULL_8


def a_chunk_is_seen(happening: Happening) -> bool:
    return isinstance(happening.op, Seen) and happening.before.handed != happening.after.handed


def a_seen_chunk_is_cancelled_too_late(happening: Happening) -> bool:
    return isinstance(happening.op, CancelPull) and happening.before == happening.after


def a_backlog_is_dropped_on_error(happening: Happening) -> bool:
    return _rule(happening) in (Rule.ERROR_6, Rule.ERROR_9)


def a_backlog_is_deleted(happening: Happening) -> bool:
    return isinstance(happening.op, Delete) and _has_chunks(happening.before, happening.op.stream)


def _has_chunks(state: State, number: StreamId) -> bool:
    stream = state.find(number)
    return isinstance(stream, Idle) and len(stream.queue) > 0


def several_pulls_settle_at_once(happening: Happening) -> bool:
    return len(happening.settled) > 1


def several_pulls_wait_on_one_stream(happening: Happening) -> bool:
    return any(isinstance(one, Waiting) and one.others for _, one in happening.after.streams)


def a_pull_is_rejected(happening: Happening) -> bool:
    return any(isinstance(effect, Rejected) for effect in happening.effects)


def a_pull_is_abandoned(happening: Happening) -> bool:
    return bool(happening.abandoned)


def a_waiting_pull_is_cancelled(happening: Happening) -> bool:
    return _rule(happening) in (Rule.CANCEL_PULL_1, Rule.CANCEL_PULL_2)


def pulls_of_two_streams_are_cleared(happening: Happening) -> bool:
    waiting = [one for _, one in happening.before.streams if isinstance(one, Waiting)]
    return isinstance(happening.op, Clear) and len(waiting) > 1


def a_number_is_given_after_clear(happening: Happening) -> bool:
    before = happening.before
    return isinstance(happening.op, Create) and before.next_stream > 1 and not before.streams


def an_op_finds_another_stream_in_use(happening: Happening) -> bool:
    own = stream_of(happening.op)
    return any(number != own and stream != Idle() for number, stream in happening.before.streams)


def a_closed_stream_errors(happening: Happening) -> bool:
    return _rule(happening) in (Rule.ERROR_8, Rule.ERROR_9)


def an_errored_stream_errors_again(happening: Happening) -> bool:
    return _rule(happening) in (Rule.ERROR_10, Rule.ERROR_11)


def a_full_stream_is_pushed_to(happening: Happening) -> bool:
    return isinstance(happening.op, Push) and happening.op.stream in blocked(happening.before)


def a_stream_becomes_full(happening: Happening) -> bool:
    return bool(blocked(happening.after) - blocked(happening.before))


def _unblocked_by(kind: type[Pull | Close | Error | Delete | Clear]) -> Sighting:
    def sighting(happening: Happening) -> bool:
        told = any(isinstance(effect, Unblocked) for effect in happening.effects)
        return told and isinstance(happening.op, kind)

    sighting.__name__ = f"a_stream_is_unblocked_by_{kind.__name__.lower()}"
    return sighting


unblockings: Final = tuple(map(_unblocked_by, (Pull, Close, Error, Delete, Clear)))


def _by(rule: Rule) -> Sighting:
    def sighting(happening: Happening) -> bool:
        return _rule(happening) is rule

    sighting.__name__ = f"{rule.name}_applies"
    return sighting


overlaps: Final = tuple(map(_by, (Rule.PULL_9, Rule.PULL_10, Rule.PULL_11, Rule.PULL_12)))
backlogs: Final = tuple(
    map(_by, (Rule.PULL_7, Rule.PULL_8, Rule.ERROR_4, Rule.ERROR_5, Rule.ERROR_6))
)


def a_full_stream_stays_full(happening: Happening) -> bool:
    changed = happening.before != happening.after
    return changed and bool(blocked(happening.before) & blocked(happening.after))


def a_look_finds_chunks(happening: Happening) -> bool:
    op = happening.op
    return isinstance(op, Get | IsQueueFull) and _has_chunks(happening.before, op.stream)


def a_push_is_accepted(happening: Happening) -> bool:
    return bool(happening.accepted)


def several_pushes_are_accepted_at_once(happening: Happening) -> bool:
    return len(happening.accepted) > 1


def several_pushes_wait_on_one_stream(happening: Happening) -> bool:
    return any(len(waiting_pushes(one)) > 1 for _, one in happening.after.streams)


def a_pull_leaves_pushes_waiting(happening: Happening) -> bool:
    return _rule(happening) is Rule.PULL_14 and any(
        waiting_pushes(one) for _, one in happening.after.streams
    )


def an_accepted_push_is_cancelled_too_late(happening: Happening) -> bool:
    match happening.op:
        case CancelPush(push):
            waited = 0 < push < happening.before.next_push
            return waited and _rule(happening) is Rule.CANCEL_PUSH_2
        case _:
            return False


turnings_away: Final = tuple(
    map(_by, (Rule.CLOSE_6, Rule.ERROR_13, Rule.ERROR_14, Rule.DELETE_4, Rule.CLEAR_3))
)
a_waiting_push_is_cancelled: Final = _by(Rule.CANCEL_PUSH_1)
pushes_wait_through_a_close: Final = _by(Rule.CLOSE_7)


def _rule(happening: Happening) -> Rule:
    return explain(happening.before, happening.op)


SIGHTINGS: Final[Mapping[str, tuple[Sighting, ...]]] = {
    "states_break_no_invariant": (
        a_chunk_goes_back_behind_an_older_one,
        several_pulls_wait_on_one_stream,
    ),
    "chunks_are_first_in_first_out_none_lost_none_invented": (
        a_chunk_goes_back_before_younger_ones,
        a_chunk_goes_back_behind_an_older_one,
        a_chunk_goes_on_to_another_pull,
        a_chunk_is_cancelled_on_a_deleted_stream,
        a_chunk_is_seen,
        a_backlog_is_dropped_on_error,
        a_backlog_is_deleted,
    ),
    "pulls_settle_at_most_once": (
        several_pulls_settle_at_once,
        a_seen_chunk_is_cancelled_too_late,
        a_waiting_pull_is_cancelled,
        a_pull_is_abandoned,
    ),
    "pulls_have_settled_by_clear": (pulls_of_two_streams_are_cleared,),
    "pulls_settle_at_once_or_wait": (several_pulls_wait_on_one_stream,),
    "settlements_say_what_is_so": (a_pull_is_rejected,),
    "overlapping_pulls_follow_their_policy": (*overlaps,),
    "backlogs_follow_their_policy": (*backlogs,),
    "numbers_are_never_used_again": (a_number_is_given_after_clear,),
    "streams_come_and_go_by_their_ops": (a_number_is_given_after_clear, a_backlog_is_deleted),
    "streams_do_not_disturb_each_other": (an_op_finds_another_stream_in_use,),
    "flags_and_error_value_follow_their_ops": (
        a_closed_stream_errors,
        an_errored_stream_errors_again,
    ),
    "effects_come_in_order": (several_pulls_settle_at_once,),
    "unblocked_is_told_exactly_when_it_is_so": (*unblockings, a_full_stream_stays_full),
    "looks_tell_the_truth_and_change_nothing": (a_look_finds_chunks,),
    "pushes_tell_whether_they_were_accepted": (a_full_stream_is_pushed_to,),
    "those_who_look_first_never_overfill": (a_stream_becomes_full,),
    "clear_is_delete_of_each": (pulls_of_two_streams_are_cleared,),
    "streams_live_as_if_alone": (an_op_finds_another_stream_in_use, a_chunk_is_seen),
    "pushes_settle_at_most_once": (
        a_push_is_accepted,
        several_pushes_are_accepted_at_once,
        a_waiting_push_is_cancelled,
        an_accepted_push_is_cancelled_too_late,
        *turnings_away,
    ),
    "pushes_are_accepted_in_their_order": (
        pushes_wait_through_a_close,
        several_pushes_are_accepted_at_once,
        several_pushes_wait_on_one_stream,
        a_pull_leaves_pushes_waiting,
        a_waiting_push_is_cancelled,
    ),
    "pushes_wait_exactly_while_there_is_no_room": (
        a_push_is_accepted,
        a_pull_leaves_pushes_waiting,
        a_full_stream_is_pushed_to,
    ),
    "pushes_have_settled_by_clear": (_by(Rule.CLEAR_3), a_waiting_push_is_cancelled),
    "pushes_are_turned_away_for_what_is_so": turnings_away,
}
"""Law → what must be seen somewhere for it to have been put to the test."""


def seen_in(history: History) -> set[str]:
    """The names of the sightings of which the run has an instance."""
    wanted = {sighting for sightings in SIGHTINGS.values() for sighting in sightings}
    return {one.__name__ for one in wanted if any(map(one, history))}
