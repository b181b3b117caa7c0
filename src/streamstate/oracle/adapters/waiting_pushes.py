"""The pushes of one registry that wait for room: tasks that have not returned once all is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from streamstate.model import PushId
from streamstate.oracle.adapters.convention import Convention
from streamstate.wire import Json


class GivenUp(NamedTuple):
    """What was asked for by a cancel of a push. Whether that ended its wait is seen once all is
    quiet: a task notices a cancel when it runs."""

    push: asyncio.Task[Any] | None

    def ended_its_wait(self) -> bool:
        """Whether the push is gone, so that its chunk is never sent."""
        return self.push is not None and self.push.cancelled()


class WaitingPushes:
    """Numbered 1, 2, 3 … in the order in which they begin to wait."""

    def __init__(self, convention: Convention) -> None:
        self._convention: Final = convention
        self._waiting: Final[dict[PushId, asyncio.Task[Any]]] = {}
        self._settled: list[tuple[PushId, asyncio.Task[Any]]] = []
        self._given_up: Final[set[PushId]] = set()
        self._begun = 0

    def begin(self, push: asyncio.Task[Any]) -> None:
        """It waits, from now on, under the next number."""
        self._begun += 1
        self._waiting[self._begun] = push
        push.add_done_callback(partial(self._note, self._begun))

    def _note(self, number: PushId, push: asyncio.Task[Any]) -> None:
        self._waiting.pop(number, None)
        self._settled.append((number, push))

    def give_up(self, number: PushId) -> GivenUp:
        """Cancel the task of that push, where it waits and nobody has done so before."""
        push = self._waiting.pop(number, None)
        if push is not None:
            self._given_up.add(number)
            push.cancel()
        return GivenUp(push)

    def left(self) -> list[asyncio.Task[Any]]:
        """Those that still wait."""
        return [*self._waiting.values()]

    def told(self) -> Iterator[Json]:
        """How pushes have settled since this was asked, in that order."""
        settled, self._settled = self._settled, []
        for number, push in settled:
            if not (push.cancelled() and number in self._given_up):
                yield ["push", number, *self._how(push)]

    def _how(self, push: asyncio.Task[Any]) -> tuple[str, ...]:
        error = asyncio.CancelledError() if push.cancelled() else push.exception()
        if error is not None:
            return "turned_away", self._reason(error)
        match push.result():
            case None | True:
                return ("accepted",)
            case other:
                return "turned_away", f"it returned {other!r}"

    def _reason(self, error: BaseException) -> str:
        try:
            return self._convention.rejection(error) or ""
        except Exception as unread:
            return f"{error!r}, unreadable: {unread}"
