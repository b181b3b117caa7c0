"""The twin on an event loop, with sends that wait: held by hand, awaited by tasks, given up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from streamstate.model import (
    Accepted,
    CancelPush,
    Deleted,
    Dialect,
    Effect,
    Ended,
    Errored,
    Limits,
    Push,
    PushId,
    PushReason,
    Returned,
    StreamId,
    TurnedAway,
)
from streamstate.model.invariants import waiting_pushes
from streamstate.registry import PendingSend, StreamClosed, StreamDeleted, StreamErrored
from tests.agreement.asyncio_twin import AsyncioTwin, Side
from tests.agreement.twin import require


@dataclass
class Sends:
    """The sends of one registry that waited."""

    held: dict[PushId, PendingSend] = field(default_factory=dict)
    tasks: dict[PushId, asyncio.Task[bool]] = field(default_factory=dict)


class SendingTwin(AsyncioTwin):
    """Every push is a send. One that waits has the number that the model gives it."""

    def __init__(self, dialect: Dialect, limits: Limits) -> None:
        super().__init__(dialect, limits)
        self.answers: dict[PushId, bool | PushReason] = {}
        self.sends = [Sends() for _ in self.sides]
        self.cancelled_sends: set[PushId] = set()
        self.dropped_sends: set[PushId] = set()

    @property
    def held_sends(self) -> list[PushId]:
        """Those that nobody awaits."""
        return list(self.sends[0].held)

    @property
    def awaited_sends(self) -> list[PushId]:
        return list(self.sends[0].tasks)

    def send(self, stream: StreamId, chunk: bytes) -> PushId | None:
        """Place a push, and hold it if it waits: its number."""
        push = self.state.next_push
        sends = [side.registry.send(stream, chunk) for side in self.sides]
        answers = [each.accepted for each in sends]
        expected = self._follow(Push(stream, chunk))
        require(answers == [expected, expected], "send returned", expected, answers)
        self.compare_views()
        if expected is not None:
            return None
        for known, one in zip(self.sends, sends, strict=True):
            known.held[push] = one
        return push

    def park_send(self, push: PushId) -> None:
        """Let a task await a send that was held."""
        for side, known in self._pairs():
            known.tasks[push] = side.quiet.loop.create_task(known.held.pop(push))

    def take_back(self, push: PushId) -> None:
        """Cancel a send that is held: at once, and told whether that was in time."""
        ended = [known.held[push].cancel() for known in self.sends]
        expected = self._follow(CancelPush(push))
        require(ended == [expected, expected], f"cancel of push {push}", expected, ended)
        accepted = [known.held[push].accepted for known in self.sends]
        answer = self.answers[push] is True
        require(accepted == [answer, answer], f"push {push} accepted", answer, accepted)
        self.compare_views()

    def cancel_send(self, push: PushId) -> None:
        """Cancel the task that awaits a send, wherever it is by now."""
        for known in self.sends:
            if known.tasks[push].cancel():
                self.cancelled_sends.add(push)

    def drop_send(self, push: PushId) -> None:
        """Let go of a send that was never awaited."""
        for known in self.sends:
            del known.held[push]
        self.dropped_sends.add(push)

    def settle(self) -> None:
        super().settle()
        if self.watched.registry._outside.loop is not None:
            self._require_none_waits(self.dropped_sends)
        for known in self.sends:
            self._compare_sends(known)

    def end(self) -> None:
        for push in self.held_sends:
            self.park_send(push)
        self.settle()
        for push in self.awaited_sends:
            self.cancel_send(push)
        super().end()

    def _pairs(self) -> list[tuple[Side, Sends]]:
        return list(zip(self.sides, self.sends, strict=True))

    def _compare_sends(self, known: Sends) -> None:
        for push, task in list(known.tasks.items()):
            answer = self.answers.get(push)
            if not task.done():
                require(answer is None, f"push {push}", answer, "waits")
                continue
            del known.tasks[push]
            if task.cancelled():
                require(push in self.cancelled_sends, f"push {push} was cancelled", False, True)
                self._require_none_waits({push})
            else:
                observed = answer_of(task)
                require(observed == answer, f"push {push} came out", answer, observed)

    def _require_none_waits(self, gone: set[PushId]) -> None:
        waiting = {each.push for _, one in self.state.streams for each in waiting_pushes(one)}
        require(not waiting & gone, "pushes that wait and were given up", set(), waiting & gone)

    def _absorb(self) -> tuple[Effect, ...]:
        for op, effects in self._told:
            if isinstance(op, CancelPush) and Returned(True) in effects:
                self.answers[op.push] = False
        return super()._absorb()

    def _note(self, effect: Effect) -> None:
        match effect:
            case Accepted(push):
                require(push not in self.answers, f"push {push} settled twice", "once", "twice")
                self.answers[push] = True
            case TurnedAway(push, reason):
                require(push not in self.answers, f"push {push} settled twice", "once", "twice")
                self.answers[push] = reason
            case _:
                super()._note(effect)


def answer_of(task: asyncio.Task[bool]) -> bool | PushReason:
    """What a task that awaited a send got, in the model's words."""
    match task.exception():
        case None:
            return task.result()
        case StreamClosed():
            return Ended()
        case StreamDeleted():
            return Deleted()
        case StreamErrored() as error:
            return Errored(error.value)
        case error:
            raise AssertionError(f"a send raised {error!r}")
