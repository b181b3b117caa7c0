"""Registries whose writers do not take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from streamstate import StreamStateRegistry
from streamstate.model import StreamId
from streamstate.registry import core, waiting
from streamstate.registry.outside import Outside, wake
from streamstate.registry.record import Record, Writer
from tests.broken.promises import Check, Patch, PromiseFault, patching, without_a_loop
from tests.registry import test_turns
from tests.registry.writers import TWO


def of_turns(test: Callable[..., None], **given: object) -> Check:
    return lambda quiet: test(StreamStateRegistry(limits=TWO), quiet, **given)


def wake_all(self: Record) -> None:
    if self.situation.writable is None or self.writers is None:
        return
    for writer in list(self.writers):
        assert writer.future is not None
        wake(writer.future)


def wake_the_first_only(self: Record) -> None:
    """Also where all have to be told."""
    if self.situation.writable is None or self.writers is None:
        return
    first = next(iter(self.writers))
    assert first.future is not None
    if not wake(first.future):
        self.remove_writer(first)


def wake_without_a_look(self: Record) -> None:
    """A turn on a closed loop counts as taken."""
    if self.situation.writable is not None and self.writers is not None:
        for writer in list(self.writers):
            assert writer.future is not None
            wake(writer.future)
            if self.situation.writable:
                return


def leave_without_a_word(self: Writer) -> None:
    self.record.remove_writer(self)


def leave_nothing(_self: Writer) -> None:
    pass


def stand_in_front(self: Record, writer: Writer) -> None:
    ADD_WRITER(self, writer)
    assert self.writers is not None
    self.writers.move_to_end(writer, last=False)


async def writable_for_whoever_comes(
    outside: Outside, streams: Mapping[StreamId, Record], absent: Record, stream: StreamId
) -> bool:
    """No look at who waits already."""
    told = streams.get(stream, absent).situation.writable
    return told if told is not None else await WRITABLE(outside, streams, absent, stream)


async def writable_again_from_the_end(
    outside: Outside, streams: Mapping[StreamId, Record], absent: Record, stream: StreamId
) -> bool:
    """One whose room is gone asks again, behind all others; and nobody is woken after it."""
    record = streams.get(stream, absent)
    while (told := record.situation.writable) is None:
        writer = Writer(record, outside)
        record.add_writer(writer)
        assert writer.future is not None
        try:
            await writer.future
        except BaseException as stop:
            outside.give_up(writer, stop)
            raise
        record.remove_writer(writer)
        outside.enter()
    record.give_turn()
    return told


ADD_WRITER: Final = Record.add_writer


WRITABLE: Final = waiting.writable


def writable_is(function: Callable[..., object]) -> Patch:
    return patching((core, "writable", function))


TURN_FAULTS: Final = (
    PromiseFault(
        "all_writers_are_woken_and_ask_again",
        patching((core, "writable", writable_again_from_the_end), (Record, "give_turn", wake_all)),
        of_turns(test_turns.test_five_writers_in_loops_share_alike),
    ),
    PromiseFault(
        "all_writers_are_woken",
        patching((Record, "give_turn", wake_all)),
        without_a_loop(test_turns.test_four_times_the_writers_cost_four_times_the_wake_ups),
    ),
    PromiseFault(
        "writers_are_woken_for_no_room",
        patching((Record, "give_turn", wake_all)),
        of_turns(test_turns.test_a_writer_is_woken_only_for_room_that_is_there),
    ),
    PromiseFault(
        "whose_room_was_taken_goes_to_the_end",
        writable_is(writable_again_from_the_end),
        of_turns(test_turns.test_the_room_can_be_taken_by_somebody_who_did_not_ask),
    ),
    PromiseFault(
        "newest_writer_first",
        patching((Record, "add_writer", stand_in_front)),
        of_turns(test_turns.test_they_are_told_in_the_order_in_which_they_asked),
    ),
    PromiseFault(
        "newcomer_overtakes",
        writable_is(writable_for_whoever_comes),
        of_turns(test_turns.test_a_newcomer_does_not_overtake_whoever_is_in_line),
    ),
    *(
        PromiseFault(
            f"turn_of_one_{way}_is_lost",
            patching((Writer, "leave", leave_without_a_word)),
            of_turns(test_turns.test_one_that_gives_up_hands_its_turn_on, way=way, woken=True),
        )
        for way in test_turns.WAYS
    ),
    PromiseFault(
        "turn_of_one_timed_out_is_lost",
        patching((Writer, "leave", leave_without_a_word)),
        of_turns(test_turns.test_one_that_times_out_after_it_was_woken_hands_its_turn_on),
    ),
    PromiseFault(
        "writer_that_gave_up_stays_in_line",
        patching((Writer, "leave", leave_nothing)),
        of_turns(test_turns.test_wait_for_that_is_too_late_leaves_the_line),
    ),
    PromiseFault(
        "end_answers_the_first",
        patching((Record, "give_turn", wake_the_first_only), (Writer, "leave", leave_nothing)),
        of_turns(
            test_turns.test_an_end_answers_all, end="close", in_turn=True, first_gives_up=True
        ),
    ),
    PromiseFault(
        "turn_on_a_closed_loop_counts",
        patching((Record, "give_turn", wake_without_a_look)),
        of_turns(test_turns.test_a_turn_that_was_given_on_a_closed_loop_is_given_again),
    ),
)
