"""A registry driven op by op, next to the model: what both must agree on is what is compared here.

The observable: what each op returns, which pulls settle, how and in which order, what an awaiter
gets when it looks, and the view of every stream. Pulls are driven by hand (`send`, `throw`), so no
event loop is needed, nothing runs unless it is told to, and *handed but not seen* lasts as long as
a program wants it to.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Iterable
from typing import TypeAlias, assert_never

from streamstate.model import (
    Accepted,
    CancelPull,
    CancelPush,
    Chunk,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Done,
    Effect,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    PullId,
    PullResult,
    Push,
    PushId,
    PushReason,
    Rejected,
    Resolved,
    Returned,
    Seen,
    Step,
    StreamId,
    TurnedAway,
    advance,
    initial,
    pushes_wait,
    view,
)
from streamstate.model.values import Deleted, Ended, Errored, Refused, Superseded
from streamstate.registry import (
    Listener,
    PendingPull,
    PendingSend,
    PullRefused,
    PullSuperseded,
    StreamClosed,
    StreamDeleted,
    StreamErrored,
    StreamStateRegistry,
)
from streamstate.registry.view import snapshot

Make: TypeAlias = Callable[[Dialect, Limits, Listener], StreamStateRegistry]


def make_registry(dialect: Dialect, limits: Limits, listener: Listener) -> StreamStateRegistry:
    return StreamStateRegistry(dialect, limits, listener=listener)


class DisagreementError(AssertionError):
    """Model and registry differ; the message says where."""


class Twin:
    """One registry, the model's state beside it, and the pulls that nobody has finished."""

    def __init__(self, dialect: Dialect, limits: Limits, make: Make = make_registry) -> None:
        self._told: list[tuple[Op, tuple[Effect, ...]]] = []
        self.state = initial(dialect, limits)
        self.registry = make(dialect, limits, lambda op, effects: self._told.append((op, effects)))
        self.pulls: dict[PullId, PendingPull] = {}
        self.settled: dict[PullId, Effect] = {}
        self.sends: dict[PushId, PendingSend] = {}
        self.answered: dict[PushId, bool | PushReason] = {}
        self._push = self._send if pushes_wait(dialect) else self._push_at_once

    def repeat(self, path: Iterable[tuple[Op, Step]]) -> None:
        """Do ops with the model's steps, and let what pulls brought be compared later."""
        for op, step in path:
            self._do(op, step)

    def _do(self, op: Op, step: Step) -> list[Effect]:
        self.state = step.state
        returned = self._on_registry(op)
        for effect in step.effects:
            match effect:
                case Resolved(pull) | Rejected(pull):
                    self.settled[pull] = effect
                case Accepted(push):
                    self.answered[push] = True
                case TurnedAway(push, reason):
                    self.answered[push] = reason
                case _:
                    pass
        return returned

    def _push_at_once(self, stream: StreamId, chunk: bytes) -> list[Effect]:
        return [Returned(self.registry.push(stream, chunk))]

    def _send(self, stream: StreamId, chunk: bytes) -> list[Effect]:
        """One that waits is kept, by the number that the model gave it."""
        sending = self.registry.send(stream, chunk)
        if sending.accepted is not None:
            return [Returned(sending.accepted)]
        self.sends[self.state.next_push - 1] = sending
        return []

    def _cancel_push(self, push: PushId) -> list[Effect]:
        ended = self.sends[push].cancel()
        if ended:
            self.answered[push] = False
        return [Returned(ended)]

    def do(self, op: Op, step: Step | None = None) -> None:
        """Do `op` on both; raise `DisagreementError` if they differ.

        `step` is the model's step, where it is known already.
        """
        before = self.state
        step = advance(before, op) if step is None else step
        self._told.clear()
        returned = self._do(op, step)
        told = tuple(effect for _, effects in self._told for effect in effects)
        if told != step.effects:  # to write what is compared would take as long as the op
            raise differing(f"{op} settled", step.effects, told)
        expected = [effect for effect in step.effects if isinstance(effect, Returned)]
        if returned != expected:
            raise differing(f"{op} returned", expected, returned)
        self.compare_views(number for number, _ in before.streams)

    def compare_views(self, streams: Iterable[StreamId]) -> None:
        """Compare what `get` shows, without asking the registry through an op of its own."""
        for stream in streams:
            record = self.registry._streams.get(stream)
            shown = None if record is None else snapshot(record)
            expected = view(self.state, stream)
            if shown != expected:
                raise differing(f"view of {stream}", expected, shown)

    def look_at_the_rest(self) -> None:
        """Let every settled pull's awaiter look, and compare what it gets."""
        for pull in list(self.pulls):
            if pull in self.settled:
                self.do(Seen(pull))
        for push, sending in self.sends.items():
            expected = self.answered.get(push)
            observed = answer_of(sending)
            require(observed == expected, f"push {push}", expected, observed)

    def _on_registry(self, op: Op) -> list[Effect]:
        registry = self.registry
        match op:
            case Create():
                return [Returned(registry.create())]
            case Get(stream):
                shown = registry.get(stream)
                return [Returned(None if shown is None else shown.snapshot())]
            case Push(stream, chunk):
                return self._push(stream, chunk)
            case Pull(stream):
                self.pulls[self.state.next_pull - 1] = registry.pull(stream)
                return []
            case Close(stream):
                registry.close(stream)
                return []
            case Error(stream, value):
                registry.error(stream, value)
                return []
            case IsQueueFull(stream):
                return [Returned(registry.is_queue_full(stream))]
            case Delete(stream):
                registry.delete(stream)
                return []
            case Clear():
                registry.clear()
                return []
            case CancelPull(pull):
                self._cancel(pull)
                return []
            case Seen(pull):
                self._look(pull)
                return []
            case CancelPush(push):
                return self._cancel_push(push)
            case _:
                assert_never(op)

    def _cancel(self, pull: PullId) -> None:
        pending = self.pulls.pop(pull, None)
        if pending is None:
            self._told.append((CancelPull(pull), ()))
            return
        try:
            pending.throw(CancelledError())
        except CancelledError:
            return
        raise DisagreementError(f"cancelled pull {pull} went on")

    def _look(self, pull: PullId) -> None:
        pending = self.pulls.pop(pull, None)
        if pending is None:
            return
        expected = self.settled[pull]
        observed = effect_of(pull, pending)
        agrees = as_brought(observed) == as_brought(expected)
        require(agrees, f"pull {pull} brought", expected, observed)


def require(agrees: bool, what: str, expected: object, observed: object) -> None:
    if not agrees:
        raise differing(what, expected, observed)


def differing(what: str, expected: object, observed: object) -> DisagreementError:
    return DisagreementError(f"{what}: model {expected!r}, registry {observed!r}")


def as_brought(outcome: object) -> object:
    """The outcome of a pull as its awaiter can know it: an error value that is an exception arrives
    as another one of its type, with its arguments and attributes."""
    match outcome:
        case Rejected(_, Errored(StopIteration() | StopAsyncIteration())):
            return outcome  # these arrive themselves, wrapped
        case Rejected(pull, Errored(Exception() as error)):
            return Rejected(pull, Errored((type(error), error.args, vars(error))))
        case _:
            return outcome


def effect_of(pull: PullId, pending: PendingPull) -> Effect | str:
    """What the awaiter of a settled pull gets, in the model's words; it must not have to wait."""
    try:
        pending.send(None)
    except StopIteration as end:
        result: PullResult = end.value
        assert isinstance(result, Chunk | Done)
        return Resolved(pull, result)
    except StreamDeleted:
        return Rejected(pull, Deleted())
    except PullSuperseded:
        return Rejected(pull, Superseded())
    except PullRefused:
        return Rejected(pull, Refused())
    except StreamErrored as error:
        return Rejected(pull, Errored(error.value))
    except Exception as error:  # an error value that is an exception has a twin
        return Rejected(pull, Errored(error))
    return "waits, where it has settled"


def answer_of(sending: PendingSend) -> bool | PushReason | None:
    """What the awaiter of a send that waited gets, in the model's words; None where it waits."""
    if sending.accepted is None:
        return None
    try:
        sending.send(None)
    except StopIteration as end:
        answer: bool = end.value
        return answer
    except StreamClosed:
        return Ended()
    except StreamDeleted:
        return Deleted()
    except StreamErrored as error:
        return Errored(error.value)
    raise AssertionError("it waits, where it has settled")
