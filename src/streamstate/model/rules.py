"""The numbered rules, one MUST each. `spec/semantics.md` says the same with intent and example.

Ids are permanent: a rule that is given up leaves a gap, and a new one takes a new number. A rule's
prefix is the name of its op in the wire form, in capitals.

Two rules are about memory (`OF_MEMORY`). The model holds bytes as values and has none, so no row of
the table says them: whoever implements the ops promises them.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import Final


@unique
class Rule(Enum):
    """A rule of the semantics; `name` is its permanent id, `value` its normative sentence."""

    CREATE_1 = (
        "create MUST return the next number in 1, 2, 3 …, never one that was used before,"
        " and make an open, empty stream of that number."
    )

    GET_1 = "get on an unknown stream MUST return nothing."
    GET_2 = (
        "get on a known stream MUST show its queued chunks, oldest first, their total size in"
        " bytes, its closed and errored flags, its error value and whether a pull waits,"
        " and change nothing."
    )

    PUSH_1 = "push to an unknown stream MUST return false and change nothing."
    PUSH_2 = "push to a stream that is closed and not errored MUST return false and change nothing."
    PUSH_3 = "push to an errored stream MUST return false and change nothing."
    PUSH_4 = (
        "push to a stream on which a pull waits MUST hand the chunk to the oldest waiting pull,"
        " leave the queue as it is, and return true."
    )
    PUSH_5 = (
        "push to an open stream that is not full and on which no pull waits MUST put the chunk"
        " at the end of the queue and return true."
    )
    PUSH_6 = (
        "push to an open stream that is full MUST put the chunk at the end of the queue and"
        " return true, where push_when_full is accept."
    )
    PUSH_7 = (
        "push to an open stream that is full MUST return false and change nothing,"
        " where push_when_full is refuse."
    )
    PUSH_8 = (
        "push MUST take the bytes that its chunk has at the call, those and no others, whatever"
        " memory they lie in and whatever is written there afterwards."
    )

    PUSH_9 = (
        "push to an open stream that is full MUST wait, behind any push that waits there,"
        " where push_when_full is wait or wait_through_close."
    )

    PULL_1 = "pull on an unknown stream MUST be done."
    PULL_2 = (
        "pull on an open stream with a chunk queued, on which no push waits, MUST take the oldest"
        " queued chunk."
    )
    PULL_3 = (
        "pull on an open stream with nothing queued, on which nothing waits, MUST wait,"
        " from the moment of the call."
    )
    PULL_4 = (
        "pull on a stream that is closed, not errored, and has a chunk queued, on which no push"
        " waits, MUST take the oldest queued chunk."
    )
    PULL_5 = (
        "pull on a stream that is closed, not errored, and has nothing queued, on which no push"
        " waits, MUST be done."
    )
    PULL_6 = (
        "pull on an errored stream with nothing queued MUST be rejected with the error value,"
        " closed or not."
    )
    PULL_7 = (
        "pull on an errored stream with a chunk queued MUST be rejected with the error value and"
        " leave the queue as it is, where errored_backlog is hold or drop."
    )
    PULL_8 = (
        "pull on an errored stream with a chunk queued MUST take the oldest queued chunk,"
        " where errored_backlog is drain."
    )
    PULL_9 = (
        "pull while another waits MUST wait instead of the earlier one, and the earlier one MUST"
        " never settle, where overlapping_pull is overwrite."
    )
    PULL_10 = (
        "pull while another waits MUST wait instead of the earlier one, and the earlier one MUST"
        " be rejected as superseded, where overlapping_pull is supersede."
    )
    PULL_11 = (
        "pull while another waits MUST be rejected as refused, and the earlier one MUST go on"
        " waiting, where overlapping_pull is refuse."
    )
    PULL_12 = "pull while another waits MUST wait behind it, where overlapping_pull is queue."
    PULL_13 = (
        "pull MUST bring a chunk that is its awaiter's own: whatever the awaiter writes into it,"
        " nothing else changes, and nobody else writes there."
    )

    PULL_14 = (
        "pull on a stream with a chunk queued, on which pushes wait, MUST take the oldest queued"
        " chunk; then waiting pushes MUST be accepted, oldest first, as long as the stream is not"
        " full."
    )
    PULL_15 = (
        "pull on a stream with nothing queued, on which pushes wait, MUST accept the oldest waiting"
        " push and take its chunk."
    )

    CLOSE_1 = "close on an unknown stream MUST do nothing."
    CLOSE_2 = (
        "close on a stream on which pulls wait MUST close it, and every waiting pull MUST be"
        " done, oldest first."
    )
    CLOSE_3 = (
        "close on an open stream on which nothing waits MUST close it and leave its queued"
        " chunks pullable."
    )
    CLOSE_4 = "close on a stream that is already closed MUST change nothing."
    CLOSE_5 = (
        "close on a stream that is errored and not closed MUST close it too, and leave its error"
        " value and its queue as they are."
    )

    CLOSE_6 = (
        "close on a stream on which pushes wait MUST close it and leave its queued chunks pullable,"
        " and every waiting push MUST be turned away as closed, oldest first, where push_when_full"
        " is accept or refuse or wait."
    )
    CLOSE_7 = (
        "close on a stream on which pushes wait MUST close it, and leave its queued chunks pullable"
        " and the pushes waiting in their order, where push_when_full is wait_through_close."
    )

    ERROR_1 = "error on an unknown stream MUST do nothing."
    ERROR_2 = (
        "error on a stream on which pulls wait MUST make it errored with the value given, and"
        " every waiting pull MUST be rejected with that value, oldest first."
    )
    ERROR_3 = (
        "error on an open stream with nothing queued, on which nothing waits, MUST make it"
        " errored with the value given."
    )
    ERROR_4 = (
        "error on an open stream with chunks queued, on which no push waits, MUST make it errored"
        " with the value given and leave the chunks queued and counted, out of reach,"
        " where errored_backlog is hold."
    )
    ERROR_5 = (
        "error on an open stream with chunks queued, on which no push waits, MUST make it errored"
        " with the value given and leave the chunks to be pulled first,"
        " where errored_backlog is drain."
    )
    ERROR_6 = (
        "error on an open stream with chunks queued, on which no push waits, MUST make it errored"
        " with the value given and drop the chunks, where errored_backlog is drop."
    )
    ERROR_7 = (
        "error on a stream that is closed and not errored MUST change nothing,"
        " where error_when_closed is ignore."
    )
    ERROR_8 = (
        "error on a stream that is closed and not errored, on which no push waits, MUST make it"
        " errored with the value given, and leave it closed and its queue as it is. With nothing"
        " queued, this holds where error_when_closed is apply. With chunks queued, it holds where"
        " error_when_closed is apply or while_queued, and errored_backlog is hold or drain."
    )
    ERROR_9 = (
        "error on a stream that is closed, not errored, and has chunks queued, on which no push"
        " waits, MUST make it errored with the value given, leave it closed, and drop the chunks."
        " This holds where error_when_closed is apply or while_queued, and errored_backlog is drop."
    )
    ERROR_10 = (
        "error on an errored stream MUST replace its error value and change nothing else,"
        " where repeated_error is replace."
    )
    ERROR_11 = "error on an errored stream MUST change nothing, where repeated_error is keep."
    ERROR_12 = (
        "error on a stream that is closed, not errored, and has nothing queued, on which no push"
        " waits, MUST change nothing, where error_when_closed is while_queued."
    )

    ERROR_13 = (
        "error on a stream on which pushes wait MUST make it errored with the value given and"
        " leave its chunks queued, and every waiting push MUST be turned away with that value,"
        " oldest first, where errored_backlog is hold or drain. Closed it stays, and then this"
        " holds where error_when_closed is apply or while_queued."
    )
    ERROR_14 = (
        "error on a stream on which pushes wait MUST make it errored with the value given and"
        " drop its chunks, and every waiting push MUST be turned away with that value, oldest"
        " first, where errored_backlog is drop. Closed it stays, and then this holds where"
        " error_when_closed is apply or while_queued."
    )

    IS_QUEUE_FULL_1 = "is_queue_full on an unknown stream MUST return true."
    IS_QUEUE_FULL_2 = (
        "is_queue_full MUST return true where the queue holds high_water_mark bytes or more, or"
        " max_queue_chunks chunks or more, whatever the flags."
    )
    IS_QUEUE_FULL_3 = (
        "is_queue_full MUST return false where the queue holds fewer bytes than high_water_mark"
        " and fewer chunks than max_queue_chunks, whatever the flags."
    )

    DELETE_1 = "delete on an unknown stream MUST do nothing."
    DELETE_2 = (
        "delete on a stream on which nothing waits MUST make it unknown and drop its queued chunks."
    )
    DELETE_3 = (
        "delete on a stream on which pulls wait MUST make it unknown, and every waiting pull"
        " MUST be rejected as deleted, oldest first."
    )

    DELETE_4 = (
        "delete on a stream on which pushes wait MUST make it unknown and drop its queued chunks,"
        " and every waiting push MUST be turned away as deleted, oldest first."
    )

    CLEAR_1 = (
        "clear where nothing waits MUST delete every stream, in the order of creation, and leave"
        " the numbering as it is."
    )
    CLEAR_2 = (
        "clear where pulls wait and no push does MUST delete every stream, in the order of"
        " creation, reject every waiting pull as deleted in that order, and leave the numbering as"
        " it is."
    )

    CLEAR_3 = (
        "clear where pushes wait MUST delete every stream, in the order of creation, reject every"
        " waiting pull and turn away every waiting push as deleted in that order, and leave the"
        " numbering as it is."
    )

    CANCEL_PULL_1 = (
        "cancel_pull of the only pull that waits on a stream MUST end its wait and leave the"
        " stream open and empty."
    )
    CANCEL_PULL_2 = (
        "cancel_pull of one of several pulls that wait on a stream MUST end its wait and leave"
        " the others in their order."
    )
    CANCEL_PULL_3 = (
        "cancel_pull of a handed pull while another waits on its stream MUST hand the chunk to"
        " the oldest waiting pull."
    )
    CANCEL_PULL_4 = (
        "cancel_pull of a handed pull on a stream that is not errored and on which no pull waits"
        " MUST put the chunk back into the queue, at its place in the order of pushes,"
        " whatever the limits."
    )
    CANCEL_PULL_5 = (
        "cancel_pull of a handed pull on an errored stream MUST put the chunk back at its place"
        " in the order of pushes, counted and out of reach, where errored_backlog is hold."
    )
    CANCEL_PULL_6 = (
        "cancel_pull of a handed pull on an errored stream MUST put the chunk back at its place"
        " in the order of pushes, to be pulled first, where errored_backlog is drain."
    )
    CANCEL_PULL_7 = (
        "cancel_pull of a handed pull on an errored stream MUST drop the chunk,"
        " where errored_backlog is drop."
    )
    CANCEL_PULL_8 = (
        "cancel_pull of a handed pull on a stream that is no longer known MUST drop the chunk."
    )
    CANCEL_PULL_9 = (
        "cancel_pull of any other pull, one that neither waits nor holds a chunk that nobody has"
        " seen, MUST do nothing."
    )

    SEEN_1 = "seen of a handed pull MUST make the chunk its awaiter's own, never to be given back."
    SEEN_2 = "seen of any other pull MUST do nothing."

    CANCEL_PUSH_1 = (
        "cancel_push of a push that waits MUST end its wait, never send its chunk, leave the"
        " others in their order, and return true."
    )
    CANCEL_PUSH_2 = "cancel_push of any other push MUST return false and change nothing."


OF_MEMORY: Final = frozenset({Rule.PUSH_8, Rule.PULL_13})
"""The rules about the memory in which a chunk lies. No op takes one by itself; who looks for them
writes over that memory."""

OF_THE_TABLE: Final = tuple(rule for rule in Rule if rule not in OF_MEMORY)
"""The others, in order: each has its rows in the table."""
