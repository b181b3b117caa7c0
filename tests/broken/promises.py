"""Faults of what the registry promises beyond the table: who is seen to, when, and in what order.

No comparison with the model finds these. Each names the test that does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Create, Effect, Limits, Op, Pull, Push, StreamId
from streamstate.registry import BytesLike, core, errors, listening, waiting
from streamstate.registry.errors import Failure
from streamstate.registry.listening import Announcer
from streamstate.registry.outside import Caller, Outside, wake
from streamstate.registry.pull import Reading, bare
from streamstate.registry.record import Over, Record, Writer
from tests.agreement.asyncio_twin import AsyncioTwin
from tests.quiet import QuietLoop
from tests.registry import (
    test_acting,
    test_error_twins,
    test_given_up,
    test_push_types,
    test_reentrance,
    test_turns,
)

Patch: TypeAlias = Callable[[pytest.MonkeyPatch], None]
Check: TypeAlias = Callable[[QuietLoop], object]
"""A test with all that it wants but its loop."""


@dataclass(frozen=True, slots=True)
class PromiseFault:
    """`patch` makes the registry wrong, and `check` fails then, and only then."""

    name: str
    patch: Patch
    check: Check
    fails_with: type[BaseException] = AssertionError


def patching(*patches: tuple[object, str, object]) -> Patch:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for owner, name, value in patches:
            monkeypatch.setattr(owner, name, value)

    return patch


def of_turns(test: Callable[..., None], **given: object) -> Check:
    return lambda quiet: test(StreamStateRegistry(limits=test_turns.TWO), quiet, **given)


def without_a_loop(test: Callable[..., object], *given: object) -> Check:
    return lambda _quiet: test(*given)


def on_a_registry(test: Callable[..., None], **given: object) -> Check:
    return lambda _quiet: test(StreamStateRegistry(), **given)


def in_a_folder(test: Callable[..., None], **given: object) -> Check:
    def check(_quiet: QuietLoop) -> None:
        with TemporaryDirectory() as folder:
            test(Path(folder), **given)

    return check


def given_up(way: str, handed: bool) -> Check:
    return lambda quiet: (
        test_given_up.test_CANCEL_PULL_3_a_chunk_given_up_unawaited_goes_to_the_pull_that_waits(
            quiet, way, "reference", handed, False
        )
    )


def agreed_on(quiet: QuietLoop) -> None:
    """What the search for disagreements finds: a drop while another waits, and no op after it."""
    del quiet  # it has loops of its own
    twin = AsyncioTwin(REFERENCE, Limits())
    twin.do(Create(), lambda registry: registry.create())
    twin.do(Push(1, b"a"), lambda registry: registry.push(1, b"a"))
    handed = twin.pull(1)
    twin.park(twin.pull(1))
    twin.settle()
    try:
        twin.drop(handed)
        twin.settle()
    finally:
        for side in twin.sides:
            with side.quiet:
                pass


def only_note(self: Outside, caller: Caller) -> None:
    self.dropped.append(caller)
    self.ready = 0


def schedule_once_for_ever(self: Outside) -> None:
    while self.dropped:
        self.dropped.popleft().leave()
    self.ready = self.thread


def stop_at_the_first_error(self: Outside) -> None:
    self.scheduled = False
    while self.dropped:
        self.dropped.popleft().leave()
    self.ready = self.thread


GIVING_UP: Final = (
    PromiseFault(
        "drop_is_only_noted", patching((Outside, "note", only_note)), given_up("drop", True)
    ),
    PromiseFault(
        "drop_in_another_thread_is_only_noted",
        patching((Outside, "note", only_note)),
        given_up("drop_in_another_thread", False),
    ),
    PromiseFault(
        "coroutine_dropped_is_only_noted",
        patching((Outside, "note", only_note)),
        lambda quiet: (
            test_given_up.test_CANCEL_PULL_3_a_chunk_given_up_by_its_coroutine_goes_to_the_pull_that_waits(
                quiet, "drop_its_coroutine", "reference", False
            )
        ),
    ),
    PromiseFault(
        "drop_is_only_noted_to_the_model", patching((Outside, "note", only_note)), agreed_on
    ),
    PromiseFault(
        "explicit_close_is_only_noted",
        patching((Outside, "leave", only_note)),
        given_up("close", True),
    ),
    PromiseFault(
        "explicit_close_waits_for_the_loop",
        patching((Outside, "leave", Outside.note)),
        lambda quiet: test_given_up.test_an_explicit_end_acts_at_once(quiet, "close"),
    ),
    PromiseFault(
        "one_listener_that_raises_stops_the_sweep",
        patching((Outside, "sweep", stop_at_the_first_error)),
        without_a_loop(
            test_given_up.test_a_listener_that_raises_as_one_goes_keeps_no_other_from_going
        ),
    ),
    PromiseFault(
        "second_sweep_is_never_scheduled",
        patching((Outside, "sweep", schedule_once_for_ever)),
        lambda quiet: test_given_up.test_after_a_sweep_that_never_came_the_new_loop_gets_its_own(
            StreamStateRegistry(), quiet
        ),
    ),
)


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


TURNS: Final = (
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


def the_value_itself(self: Failure) -> Exception:
    if isinstance(self.value, Exception):
        return self.value.with_traceback(self._traceback)
    return EXCEPTION(self)


def twin_by_init(self: Failure) -> Exception:
    """Made by its class, as `copy.copy` does."""
    assert isinstance(self.value, Exception)
    return type(self.value)(*self.value.args)


def twin_that_shares_its_notes(self: Failure) -> Exception:
    made = EXCEPTION(self)
    notes = getattr(self.value, "__notes__", None)
    if notes is not None:
        made.__notes__ = notes
    return made


def twin_that_says_none(error: Exception) -> Exception:
    """What was never set is set to None, and an `OSError` shows it."""
    made = TWIN(error)
    for name in ("errno", "strerror", "filename", "filename2"):
        if hasattr(error, name):
            setattr(made, name, getattr(error, name))
    return made


TWIN: Final = errors.twin
EXCEPTION: Final = Failure.exception

ERRORS: Final = (
    *(
        PromiseFault(
            f"{kind.replace(' ', '_')}_says_none",
            patching((errors, "twin", twin_that_says_none)),
            on_a_registry(
                test_error_twins.test_a_reader_gets_all_that_the_producer_said, kind=kind
            ),
        )
        for kind in ("timeout", "blocking", "os error of its errno")
    ),
    PromiseFault(
        "readers_share_the_producers_exception",
        patching((Failure, "exception", the_value_itself)),
        lambda quiet: (
            test_error_twins.test_a_hundred_readers_change_nothing_that_the_producer_holds(
                StreamStateRegistry(), quiet, "in flight"
            )
        ),
    ),
    PromiseFault(
        "second_pull_takes_the_first_site",
        patching((Failure, "exception", the_value_itself)),
        on_a_registry(
            test_error_twins.test_a_consumer_that_pulls_again_where_it_handles_keeps_the_first_site
        ),
    ),
    PromiseFault(
        "notes_show_at_other_readers",
        patching((Failure, "exception", twin_that_shares_its_notes)),
        test_error_twins.test_what_one_reader_adds_shows_at_no_other,
    ),
    *(
        PromiseFault(
            f"attributes_of_{kind.replace(' ', '_')}_are_lost",
            patching((Failure, "exception", twin_by_init)),
            on_a_registry(
                test_error_twins.test_a_reader_gets_all_that_the_producer_said, kind=kind
            ),
        )
        for kind in ("wanting", "slotted", "os error", "import", "with a cause")
    ),
)


def tell_at_once(self: Announcer, op: Op, returned: tuple[Effect, ...]) -> None:
    """Listeners before witnesses, and what they do before the op that they are told of."""
    effects = (*returned, *self.effects)
    self.effects.clear()
    for listener in (*self.listeners, *self.witnesses):
        listener(op, effects)


def tell_until_one_raises(self: Announcer, op: Op, returned: tuple[Effect, ...]) -> None:
    def told(listener: Callable[[Op, tuple[Effect, ...]], None]) -> bool:
        with suppress(Exception):
            listener(op, effects)
            return True
        return False

    effects = (*returned, *self.effects)
    self.effects.clear()
    if not all(told(listener) for listener in (*self.witnesses, *self.listeners)):
        raise test_acting.ListenerError("Push")


def ask_with_the_pull_in_use(self: Reading) -> bytes:
    assert self._record is not None
    pull = self._pull = bare() if self._pull is None else self._pull
    pull.ask(self._outside, self._record, self._stream)
    chunk = pull.outcome
    assert isinstance(chunk, bytes), "the test asks only for what is queued"
    pull.take()
    pull.announce_look()
    pull.outcome = Over.SPENT
    return chunk


def stopped_by(stop: Exception) -> Check:
    return lambda quiet: (
        test_reentrance.test_a_listener_that_stops_an_iteration_is_no_result_and_no_end(
            quiet, stop, test_reentrance.by_a_task, False
        )
    )


LISTENING: Final = (
    PromiseFault(
        "iterator_asks_with_the_pull_in_use",
        patching((Reading, "ask", ask_with_the_pull_in_use)),
        without_a_loop(
            test_reentrance.test_an_iterator_asked_again_by_a_listener_brings_every_chunk,
            Pull,
            True,
        ),
    ),
    *(
        PromiseFault(
            f"{type(stop).__name__}_of_a_listener_is_raised",
            patching((listening, "_STOPS", ())),
            stopped_by(stop),
        )
        for stop in (StopIteration(7), StopAsyncIteration(7))
    ),
    PromiseFault(
        "nested_op_is_told_first",
        patching((Announcer, "_tell", tell_at_once)),
        without_a_loop(
            test_acting.test_the_model_in_lockstep_agrees_with_what_it_does, test_acting.ask
        ),
    ),
    PromiseFault(
        "recording_has_the_nested_op_first",
        patching((Announcer, "_tell", tell_at_once)),
        in_a_folder(
            test_acting.test_a_recording_beside_it_conforms,
            reaction=test_acting.answer_everything,
        ),
    ),
    PromiseFault(
        "later_listener_hears_out_of_order",
        patching((Announcer, "_tell", tell_at_once)),
        without_a_loop(
            test_acting.test_however_deep_all_hear_of_the_ops_in_the_order_in_which_they_were_done
        ),
    ),
    PromiseFault(
        "listener_that_raises_hides_the_op",
        patching((Announcer, "_tell", tell_until_one_raises)),
        without_a_loop(test_acting.test_one_that_raises_keeps_no_other_from_being_told),
    ),
    PromiseFault(
        "listener_that_answers_every_op_goes_on_for_ever",
        patching((Announcer, "_tell", tell_at_once)),
        without_a_loop(
            partial(
                test_acting.test_one_that_answers_every_op_is_stopped_and_the_registry_goes_on,
                lockstep=True,
            )
        ),
    ),
)


def copied_as_it_comes(chunk: BytesLike) -> bytes:
    try:
        return memoryview(chunk).tobytes()
    except TypeError:
        raise TypeError(f"chunk must be bytes-like, not {type(chunk).__name__}") from None


PROMISE_FAULTS: Final = (
    *GIVING_UP,
    *TURNS,
    *ERRORS,
    *LISTENING,
    PromiseFault(
        "released_view_is_a_value_error",
        patching((core, "copied", copied_as_it_comes)),
        on_a_registry(test_push_types.test_a_released_view_is_a_type_error_and_changes_nothing),
        ValueError,
    ),
)
