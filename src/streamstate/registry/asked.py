"""Ops of other threads that somebody waits for, and their answers.

An answer is a `concurrent.futures.Future`. It can be cancelled for as long as the op is not done,
and a pull that waits, or has a chunk that nobody has looked at, is not done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, NoReturn, TypeAlias
from weakref import ref

from streamstate.registry.crossing import ENDED, Crossing, Refusable
from streamstate.registry.offers import Hold, Offer
from streamstate.registry.pull import CoroutinePull, PendingPull
from streamstate.registry.record import Writer
from streamstate.registry.sending import result_of

Wake: TypeAlias = "asyncio.Future[None]"
"""What an op waits for in the loop."""


class Asked(Refusable):
    """An op that is done and answered at once when it crosses, unless it was cancelled before."""

    __slots__ = ("_op", "answer")

    def __init__(self, op: Callable[[], Any]) -> None:
        self.answer: Future[Any] = Future()
        self._op = op

    def __call__(self) -> None:
        if self.answer.set_running_or_notify_cancel():
            settle(self.answer, self._op)

    def refuse(self) -> None:
        """Nobody will do it."""
        refuse(self.answer)


class AskedToWait(Refusable):
    """An op that may have to wait, and can be cancelled all the while."""

    __slots__ = ("__weakref__", "_crossing", "_over", "answer")

    def __init__(self, crossing: Crossing) -> None:
        self.answer: Future[Any] = Future()
        self._crossing = crossing
        self._over = False

    def begin(self) -> Wake | None:
        """Do the op: what there is to wait for, or None."""
        raise NotImplementedError

    def go_on(self) -> Wake | None:
        """The same, after a wait."""
        raise NotImplementedError

    def finish(self) -> object:
        """What it brings, once there is nothing to wait for."""
        raise NotImplementedError

    def leave(self) -> None:
        """Nobody wants what it brings. It may not have begun, or be over."""
        raise NotImplementedError

    def __call__(self) -> None:
        # Before it begins: who cancels meanwhile has it in line before their own next op.
        self.answer.add_done_callback(partial(_cancelled, ref(self)))
        if self.answer.cancelled():
            self._settle(self.finish)
            return
        self._step(self.begin)
        if not self._over:
            self._crossing.waiting.add(self)

    def _step(self, step: Callable[[], Wake | None]) -> None:
        try:
            wake = step()
        except BaseException as error:
            self._settle(partial(_raise, error))
            self.leave()
            return
        if wake is None:
            self._settle(self.finish)
        else:
            wake.add_done_callback(self._wake)

    def _wake(self, _wake: Wake) -> None:
        if not self._over:
            self._step(self.go_on)

    def _settle(self, finish: Callable[[], object]) -> None:
        """Answer, unless the caller has given up."""
        self._end_wait()
        if self.hold():
            settle(self.answer, finish)
        else:
            self.leave()

    def hold(self) -> bool:
        """Whether nobody has cancelled. From now on nobody can: this decides who has the chunk."""
        return self.answer.set_running_or_notify_cancel()

    def give_up(self) -> None:
        """In any thread. What follows from a cancel is done in its turn in the line."""
        with suppress(RuntimeError):  # nothing crosses any more, so nothing waits
            self._crossing.send(self.refuse)

    def refuse(self) -> None:
        """Nobody waits for it, or nobody will do it."""
        if not self._over:
            self._end_wait()
            refuse(self.answer)
            self.leave()

    def _end_wait(self) -> None:
        self._over = True
        self._crossing.waiting.discard(self)


class AskedPull(AskedToWait):
    """A pull. Its chunk is *seen* when its answer has it."""

    __slots__ = ("_ask", "_pull")

    def __init__(self, crossing: Crossing, ask: Callable[[], CoroutinePull]) -> None:
        super().__init__(crossing)
        self._ask = ask
        self._pull: PendingPull | None = None

    def begin(self) -> Wake | None:
        """Pull."""
        self._pull = self._ask()  # type: ignore[assignment]  # the same, to who drives it
        return self.go_on()

    def go_on(self) -> Wake | None:
        """Whether it has its outcome."""
        assert self._pull is not None, "it has begun"
        return self._pull.wait_on()

    def finish(self) -> object:
        """Look."""
        assert self._pull is not None, "it has begun"
        return self._pull.result()

    def leave(self) -> None:
        """Cancel the pull: what it was handed goes on. CANCEL_PULL_*."""
        if self._pull is not None:
            self._pull.close()


class AskedSend(AskedToWait):
    """A push that may wait for room. Its chunk is sent once the registry accepts it, and its answer
    says so later. In between nobody may cancel: so the registry holds it first."""

    __slots__ = ("_deciding", "_held", "_place", "_placed")

    def __init__(self, crossing: Crossing, place: Callable[[Hold], Offer | bool]) -> None:
        super().__init__(crossing)
        self._place = place
        self._placed: Offer | bool = False
        self._deciding = Lock()
        self._held: bool | None = None

    def begin(self) -> Wake | None:
        """Push."""
        self._placed = self._place(self.hold)
        return self.go_on()

    def go_on(self) -> Wake | None:
        """Whether it is accepted or turned away."""
        placed = self._placed
        if not isinstance(placed, Offer) or placed.answer is not None:
            return None
        placed.future = placed.outside.make_future()
        return placed.future

    def finish(self) -> bool:
        """Whether it was accepted. Raises what it was turned away with."""
        placed = self._placed
        if not isinstance(placed, Offer):
            return placed
        if placed.answer is None:  # held, so it is accepted in this moment
            return True
        return result_of(placed.answer)

    def leave(self) -> None:
        """Take the offer back, if it still waits. CANCEL_PUSH_*."""
        if isinstance(self._placed, Offer):
            self._placed.outside.leave(self._placed)

    def hold(self) -> bool:
        """The same, and it may be asked again."""
        with self._deciding:
            if self._held is None:
                self._held = super().hold()
            return self._held

    def refuse(self) -> None:
        """The same, unless it has been accepted, or is in this moment, in the registry's thread:
        then it is answered that."""
        with self._deciding:
            held, self._held = self._held, self._held is True
        if held is None or self._over:
            super().refuse()
        else:
            self._settle(self.finish)


class AskedTurn(AskedToWait):
    """A wait for the turn to push, and maybe the push, so that nobody comes between."""

    __slots__ = ("_line_up", "_push", "_turn")

    def __init__(
        self,
        crossing: Crossing,
        line_up: Callable[[], bool | Writer],
        push: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__(crossing)
        self._line_up = line_up
        self._push = push
        self._turn: bool | Writer | None = None

    def begin(self) -> Wake | None:
        """Stand in line, unless there is room now, or never."""
        self._turn = self._line_up()
        return None if isinstance(self._turn, bool) else self._turn.future

    def go_on(self) -> Wake | None:
        """Whether it is told; somebody may have been faster."""
        assert isinstance(self._turn, Writer), "it waited"
        told = self._turn.told()
        if told is None:
            return self._turn.future
        self._turn = told
        return None

    def finish(self) -> object:
        """What it is told; of a push, whether it was accepted."""
        return self._push() if self._push is not None and self._turn else self._turn

    def leave(self) -> None:
        """Step out of the line."""
        if isinstance(self._turn, Writer):
            self._turn.outside.leave(self._turn)


def settle(answer: Future[Any], op: Callable[[], object]) -> None:
    """Do the op, and answer with what it returns or raises; what stops a loop, stops it, too."""
    try:
        result = op()
    except BaseException as error:
        answer.set_exception(error)
        if not isinstance(error, Exception):
            raise
    else:
        answer.set_result(result)
    finally:
        del answer, op  # or what was raised would hold on to its own answer


def refuse(answer: Future[Any]) -> None:
    """Answer that nothing crosses any more, unless it was cancelled."""
    if answer.set_running_or_notify_cancel():
        answer.set_exception(RuntimeError(ENDED))


def _cancelled(asked: ref[AskedToWait], answer: Future[Any]) -> None:
    """Told of every answer. Futures keep what they tell, so that it must not keep them."""
    waiting = asked()
    if waiting is not None and answer.cancelled():
        waiting.give_up()


def _raise(error: BaseException) -> NoReturn:
    raise error
