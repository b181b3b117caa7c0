"""Registries that tell listeners out of order, or let them in the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from streamstate.model import Effect, Op, Pull
from streamstate.registry import listening
from streamstate.registry.listening import Announcer
from streamstate.registry.pull import Reading, bare
from streamstate.registry.record import Over
from tests.broken.promises import Check, PromiseFault, in_a_folder, patching, without_a_loop
from tests.registry import test_acting, test_reentrance


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


LISTENING_FAULTS: Final = (
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
