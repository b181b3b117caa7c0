"""Ways for threads into a registry that break a promise, each caught by the test of it."""

from __future__ import annotations

from asyncio import InvalidStateError
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

import pytest

from streamstate import StreamStateRegistry
from streamstate.registry import BytesLike, ThreadsafeRegistry, lifeline, threads
from streamstate.registry.asked import Asked, AskedPull, AskedToWait, AskedTurn, settle
from streamstate.registry.crossing import Crossing, Request
from tests.broken.promises import Check, Patch, PromiseFault, patching
from tests.registry import (
    test_threads,
    test_threads_ending,
    test_threads_given_up,
    test_threads_send,
    test_threads_send_ending,
    test_threads_writing,
)
from tests.registry.support import registry_with


def one_wake_up_each(self: Crossing, request: Request) -> None:
    self._loop.call_soon_threadsafe(request)


def newest_first(self: Crossing, request: Request) -> None:
    SEND(self, request)
    self._requests.rotate(1)


def until_one_raises(self: Crossing) -> None:
    self._woken = False
    while self._requests:
        self._requests.popleft()()


def without_waking_again(self: Crossing) -> None:
    """What comes while it works, and after it, is never looked at."""
    WORK_OFF(self)
    self._woken = True


def whether_or_not_it_was_cancelled(self: Asked) -> None:
    if not self.answer.cancelled():
        settle(self.answer, self._op)
    else:
        self._op()


def look_and_then_answer(self: AskedToWait, finish: Callable[[], object]) -> None:
    """As a done-callback that sets a result would: the chunk is seen before anybody has it."""
    self._end_wait()
    result = finish()
    if self.answer.set_running_or_notify_cancel():
        self.answer.set_result(result)


def only_forget(self: AskedToWait) -> None:
    """Who waits for several futures is not told."""
    self._end_wait()


def time_out_and_leave_it(
    _self: ThreadsafeRegistry, submit: Callable[[], Future[Any]], timeout: float | None
) -> Any:
    return submit().result(timeout)


def time_out_for_good(
    _self: ThreadsafeRegistry, submit: Callable[[], Future[Any]], timeout: float | None
) -> Any:
    """A chunk that comes in that moment is cancelled in vain."""
    answer = submit()
    try:
        return answer.result(timeout)
    except TimeoutError:
        answer.cancel()
        raise


def as_it_comes(chunk: BytesLike) -> Any:
    return chunk


KEPT: Final[list[object]] = []


def keep(self: AskedPull) -> None:
    """The pull is neither given up nor dropped."""
    KEPT.append(self._pull)


def leave_nothing(_self: object) -> None:
    """Whoever waited is still in line."""


def end_what_is_in_line(self: Crossing) -> None:
    """And not what waits in the registry."""
    waiting, self.waiting = self.waiting, set()
    END(self)
    self.waiting = waiting


def end_and_stay_open(self: Crossing) -> None:
    END(self)
    self.ended = False


SEND: Final = Crossing.send
WORK_OFF: Final = Crossing._work_off
END: Final = Crossing.end


def threaded(
    name: str,
    patch: Patch,
    check: str,
    fails_with: type[BaseException],
    on: Callable[[], StreamStateRegistry] = StreamStateRegistry,
    **given: Any,
) -> PromiseFault:
    [test] = [getattr(module, check) for module in MODULES if hasattr(module, check)]
    return PromiseFault(name, patch, checking(test, on, given), fails_with)


def checking(
    test: Callable[..., None], on: Callable[[], StreamStateRegistry], given: dict[str, Any]
) -> Check:
    wanted = test.__code__.co_varnames[: test.__code__.co_argcount]

    def checked(quiet: Any) -> None:
        made = {"registry": on(), "quiet": quiet}
        with pytest.MonkeyPatch.context() as patch:
            made["monkeypatch"] = patch
            test(**{name: made[name] for name in wanted if name in made}, **given)

    return checked


MODULES: Final = (
    test_threads,
    test_threads_writing,
    test_threads_given_up,
    test_threads_ending,
    test_threads_send,
    test_threads_send_ending,
)

WRONG: Final = AssertionError
FAILS: Final = pytest.fail.Exception
"""What should have been raised was not."""
PENDING: Final = TimeoutError
"""An answer that should be there is not."""

THREAD_FAULTS: Final = (
    threaded(
        "each_op_wakes_the_loop",
        patching((Crossing, "send", one_wake_up_each)),
        "test_many_cross_in_one_wake_up",
        WRONG,
    ),
    threaded(
        "newest_op_of_a_thread_first",
        patching((Crossing, "send", newest_first)),
        "test_the_ops_of_a_thread_are_done_in_its_order_whichever_their_form",
        WRONG,
    ),
    threaded(
        "loop_is_woken_once_for_ever",
        patching((Crossing, "_work_off", without_waking_again)),
        "test_many_cross_in_one_wake_up",
        WRONG,
    ),
    threaded(
        "op_that_raises_stops_the_line",
        patching((Crossing, "_work_off", until_one_raises)),
        "test_an_interrupt_in_the_loop_delays_what_is_in_line_and_loses_none",
        PENDING,
    ),
    threaded(
        "cancelled_op_is_done",
        patching((Asked, "__call__", whether_or_not_it_was_cancelled)),
        "test_an_op_that_is_cancelled_before_it_crossed_is_not_done",
        WRONG,
    ),
    threaded(
        "chunk_is_seen_before_its_answer_has_it",
        patching((AskedToWait, "_settle", look_and_then_answer)),
        "test_CANCEL_PULL_the_chunk_of_a_cancelled_pull_goes_on",
        WRONG,
        when="handed",
        another_waits=False,
    ),
    *(
        threaded(
            f"cancelled_pull_stays_{when}",
            patching((AskedPull, "leave", keep)),
            "test_CANCEL_PULL_the_chunk_of_a_cancelled_pull_goes_on",
            InvalidStateError,
            when=when,
            another_waits=True,
        )
        for when in ("waiting", "handed")
    ),
    threaded(
        "cancel_of_a_waiting_pull_is_not_passed_on",
        patching((AskedToWait, "give_up", leave_nothing)),
        "test_CANCEL_PULL_the_chunk_of_a_cancelled_pull_goes_on",
        WRONG,
        when="waiting",
        another_waits=False,
    ),
    threaded(
        "cancelled_pull_is_only_forgotten",
        patching((AskedToWait, "refuse", only_forget)),
        "test_CANCEL_PULL_the_chunk_of_a_cancelled_pull_goes_on",
        WRONG,
        when="waiting",
        another_waits=False,
    ),
    threaded(
        "late_op_is_done_all_the_same",
        patching((ThreadsafeRegistry, "_wait", time_out_and_leave_it)),
        "test_a_blocking_op_that_is_too_late_was_not_done",
        WRONG,
    ),
    threaded(
        "interrupted_pull_waits_on",
        patching((ThreadsafeRegistry, "_wait", time_out_and_leave_it)),
        "test_an_interrupted_thread_leaves_no_pull_behind",
        WRONG,
    ),
    threaded(
        "chunk_that_comes_as_the_time_is_up_is_lost",
        patching((ThreadsafeRegistry, "_wait", time_out_for_good)),
        "test_a_chunk_that_comes_as_the_time_is_up_is_returned",
        PENDING,
    ),
    threaded(
        "chunk_is_read_when_it_crosses",
        patching((threads, "copied", as_it_comes)),
        "test_a_chunk_is_what_it_was_when_it_was_pushed",
        WRONG,
    ),
    threaded(
        "writer_of_a_thread_that_gave_up_stays_in_line",
        patching((AskedTurn, "leave", leave_nothing)),
        "test_writers_of_all_threads_write_in_turn_and_only_where_there_is_room",
        WRONG,
    ),
    *(
        threaded(
            f"{op}_of_a_thread_outlives_its_loop",
            patching((Crossing, "end", end_what_is_in_line)),
            "test_who_waits_as_the_loop_is_closed_is_told",
            PENDING,
            partial(registry_with, push_when_full="wait"),
            op=op,
            crossed=True,
        )
        for op in test_threads_ending.WAITING
    ),
    threaded(
        "loop_that_is_closed_tells_nobody",
        patching((lifeline.AtClose, "__del__", leave_nothing)),
        "test_who_waits_as_the_loop_is_closed_is_told",
        PENDING,
        op="pull",
        crossed=True,
    ),
    threaded(
        "thread_of_a_loop_ends_and_tells_nobody",
        patching((lifeline, "_tell_at_end_of_thread", leave_nothing)),
        "test_the_end_of_the_thread_of_a_loop_that_was_never_closed_is_told",
        PENDING,
    ),
    threaded(
        "closed_loop_takes_ops",
        patching((Crossing, "end", end_and_stay_open)),
        "test_who_waits_as_the_loop_is_closed_is_told",
        FAILS,
        op="pull",
        crossed=False,
    ),
)
