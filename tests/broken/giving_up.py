"""Registries that do not see to pulls that were given up."""

from __future__ import annotations

from typing import Final

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Create, Limits, Push
from streamstate.registry.outside import Caller, Outside
from tests.agreement.asyncio_twin import AsyncioTwin
from tests.broken.promises import Check, PromiseFault, patching, without_a_loop
from tests.quiet import QuietLoop
from tests.registry import test_given_up


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


GIVING_UP_FAULTS: Final = (
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
