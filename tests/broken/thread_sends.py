"""Sends of threads that break a promise, each caught by the test of it."""

from __future__ import annotations

from typing import Any, Final

from streamstate.registry import ThreadsafeRegistry, core, offers, pull
from streamstate.registry.asked import AskedSend, AskedToWait
from streamstate.registry.outside import Outside
from tests.broken.promises import Patch, PromiseFault, patching
from tests.broken.threads import (
    PENDING,
    WRONG,
    leave_nothing,
    threaded,
    time_out_and_leave_it,
    time_out_for_good,
)
from tests.registry.test_threads_send import of_one_chunk


def holding_nobody(*_given: object) -> None:
    """A pull lets in whoever waits, whether or not they have given up."""


def look_only(self: AskedSend) -> bool:
    """Who has not given up yet may do so later."""
    return not self.answer.cancelled()


def push_and_look_later(self: AskedSend) -> Any:
    """One that need not wait is done, and only then is it asked who has given up."""
    self._placed = self._place(lambda: True)
    return self.go_on()


def tell_and_keep(outside: Outside, op: Any, returned: Any, _placed: object) -> None:
    """A push of which nobody could be told stays in line, though nobody holds it."""
    if outside.announcer is not None:
        outside.announcer.tell(op, returned)


def sent(name: str, patch: Patch, check: str, fails_with: Any, **given: Any) -> PromiseFault:
    return threaded(name, patch, check, fails_with, of_one_chunk, **given)


THREAD_SEND_FAULTS: Final = (
    sent(
        "pull_lets_in_what_a_thread_has_given_up",
        patching((core, "hold_admitted", holding_nobody), (pull, "hold_admitted", holding_nobody)),
        "test_CANCEL_PUSH_1_what_was_cancelled_is_never_sent",
        WRONG,
        crossed=True,
        noticed=False,
    ),
    sent(
        "send_that_is_given_up_waits_on",
        patching((AskedSend, "leave", leave_nothing)),
        "test_who_listens_is_told_of_the_cancel_and_then_of_the_pull",
        WRONG,
        noticed=True,
    ),
    sent(
        "accepted_send_can_be_cancelled",
        patching((AskedSend, "hold", look_only)),
        "test_CANCEL_PUSH_2_what_is_accepted_cannot_be_cancelled",
        WRONG,
    ),
    sent(
        "send_that_need_not_wait_is_not_held",
        patching((AskedSend, "begin", push_and_look_later)),
        "test_a_cancel_in_the_middle_of_the_op_comes_too_late_or_undoes_it",
        WRONG,
    ),
    sent(
        "send_that_timed_out_waits_on",
        patching((ThreadsafeRegistry, "_wait", time_out_and_leave_it)),
        "test_after_a_timeout_nothing_was_sent_nor_will_be",
        BaseException,
    ),
    sent(
        "send_accepted_as_the_time_is_up_is_denied",
        patching((ThreadsafeRegistry, "_wait", time_out_for_good)),
        "test_a_chunk_that_is_accepted_as_the_time_is_up_is_reported_as_sent",
        PENDING,
    ),
    sent(
        "send_accepted_as_the_loop_is_closed_is_refused",
        patching((AskedSend, "refuse", AskedToWait.refuse)),
        "test_what_was_accepted_as_the_loop_is_closed_is_reported_as_sent",
        PENDING,
    ),
    sent(
        "send_that_a_thread_refuses_is_accepted",
        patching((AskedSend, "refuse", AskedToWait.refuse), (AskedSend, "hold", lambda _: True)),
        "test_who_refuses_in_another_thread_and_the_registry_agree",
        WRONG,
        refused="meanwhile",
    ),
    sent(
        "send_that_no_listener_could_be_told_of_stays",
        patching((offers, "_announce", tell_and_keep)),
        "test_a_listener_that_raises_raises_in_the_thread",
        WRONG,
        waits=True,
    ),
)
