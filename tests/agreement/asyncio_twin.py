"""A registry on a real event loop, next to the model, with nothing compared but what shows outside.

Between two points of quiet any number of ops, cancels and drops can happen, so that a pull that
was handed its chunk can still be given up before its awaiter has run. In which order asyncio then
delivers looks and cancels is asyncio's affair: the registry tells it (as `Seen` and `CancelPull`),
the model follows, and everything that shows outside has to fit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from streamstate.model import (
    Abandoned,
    CancelPull,
    Chunk,
    Dialect,
    Done,
    Effect,
    Limits,
    Op,
    Pull,
    PullId,
    PullResult,
    Rejected,
    Resolved,
    Returned,
    Rule,
    Seen,
    StreamId,
    advance,
    initial,
    view,
)
from streamstate.model.values import Deleted, Errored, Refused, Superseded
from streamstate.registry import (
    PendingPull,
    PullRefused,
    PullSuperseded,
    StreamDeleted,
    StreamErrored,
    StreamStateRegistry,
)
from streamstate.registry.view import snapshot
from tests.agreement.twin import as_brought, require
from tests.quiet import QuietLoop

Doing: TypeAlias = Callable[[StreamStateRegistry], object]


@dataclass
class Side:
    """One registry and its pulls: held by hand, or awaited by a task."""

    registry: StreamStateRegistry
    quiet: QuietLoop = field(default_factory=QuietLoop)
    held: dict[PullId, PendingPull] = field(default_factory=dict)
    tasks: dict[PullId, asyncio.Task[PullResult]] = field(default_factory=dict)
    completed: list[PullId] = field(default_factory=list)

    def park(self, pull: PullId) -> None:
        """Let a task await a pull that was held."""
        task = self.quiet.loop.create_task(self.held.pop(pull))
        task.add_done_callback(lambda _task: self.completed.append(pull))
        self.tasks[pull] = task


class AsyncioTwin:
    """Two registries, one of them listened to (its paths differ), and the model."""

    def __init__(self, dialect: Dialect, limits: Limits) -> None:
        self._told: list[tuple[Op, tuple[Effect, ...]]] = []
        self.state = initial(dialect, limits)
        watched = StreamStateRegistry(
            dialect, limits, listener=lambda op, effects: self._told.append((op, effects))
        )
        self.watched = Side(watched)
        self.sides = (self.watched, Side(StreamStateRegistry(dialect, limits)))
        self.settled: dict[PullId, Effect] = {}
        self.order: list[PullId] = []
        self.waiting: set[PullId] = set()
        self.abandoned: set[PullId] = set()
        self.cancelled: set[PullId] = set()
        self.dropped: set[PullId] = set()
        self.told_over: dict[PullId, type[Op]] = {}
        self.rules: set[Rule] = set()

    def do(self, op: Op, doing: Doing) -> None:
        """An op that is not a pull, through the public API of both registries."""
        returned = [doing(side.registry) for side in self.sides]
        expected = self._follow(op)
        require(returned == [expected, expected], f"{op} returned", expected, returned)
        self.compare_views()

    def pull(self, stream: StreamId) -> PullId:
        """Place a pull and hold it."""
        pull = self.state.next_pull
        for side in self.sides:
            side.held[pull] = side.registry.pull(stream)
        self._follow(Pull(stream))
        self.compare_views()
        return pull

    def park(self, pull: PullId) -> None:
        for side in self.sides:
            side.park(pull)

    def drop(self, pull: PullId) -> None:
        """Let go of a pull that was never awaited."""
        for side in self.sides:
            del side.held[pull]
        self.dropped.add(pull)

    def close(self, pull: PullId) -> None:
        """Close a pull that was never awaited, which cancels it at once."""
        for side in self.sides:
            side.held.pop(pull).close()
        self._absorb()
        self._require_over(pull, CancelPull)
        self.compare_views()

    def cancel(self, pull: PullId) -> None:
        """Cancel the task that awaits a pull, wherever it is by now."""
        for side in self.sides:
            if side.tasks[pull].cancel():
                self.cancelled.add(pull)

    def settle(self) -> None:
        """Let everything that is ready run, and compare what came out of it."""
        for side in self.sides:
            side.completed.clear()
            side.quiet.settle()
        self._absorb()
        if self.watched.registry._outside.loop is not None:  # then it has come by, with no op done
            self._require_dropped_over()
        for side in self.sides:
            self._compare_order(side)
            self._compare_tasks(side)
        self.order.clear()
        self.waiting = set(self.watched.tasks)
        self.compare_views()

    def compare_views(self) -> None:
        for side in self.sides:
            for number in range(1, self.state.next_stream):
                record = side.registry._streams.get(number)
                shown = None if record is None else snapshot(record)
                expected = view(self.state, number)
                if not side.registry._outside.dropped:  # a drop counts from the next op on
                    require(shown == expected, f"view of {number}", expected, shown)

    def _compare_order(self, side: Side) -> None:
        """Tasks that waited since before wake in the order in which their pulls settled."""
        undisturbed = self.waiting - self.cancelled
        expected = [pull for pull in self.order if pull in undisturbed]
        observed = [pull for pull in side.completed if pull in undisturbed]
        require(observed == expected, "order of completion", expected, observed)

    def _compare_tasks(self, side: Side) -> None:
        for pull, task in list(side.tasks.items()):
            if not task.done():
                require(pull not in self.settled, f"pull {pull}", self.settled.get(pull), "waits")
                continue
            del side.tasks[pull]
            if task.cancelled():
                require(pull in self.cancelled, f"pull {pull} was cancelled", False, True)
                self._require_over(pull, CancelPull)
            else:
                observed = outcome_of(pull, task)
                expected = self.settled.get(pull)
                agrees = as_brought(observed) == as_brought(expected)
                require(agrees, f"pull {pull} brought", expected, observed)
                if isinstance(observed, Resolved) and isinstance(observed.result, Chunk):
                    self._require_over(pull, Seen)

    def _follow(self, op: Op) -> object:
        """Let the model follow what the watched registry told, which must end with `op`."""
        told = self._told[-1][0] if self._told else None
        require(told == op, "the op told last", op, told)
        effects = self._absorb()
        self._require_dropped_over()
        returned = [effect.value for effect in effects if isinstance(effect, Returned)]
        return returned[0] if returned else None

    def _require_dropped_over(self) -> None:
        for pull in self.dropped:
            self._require_over(pull, CancelPull)
        self.dropped.clear()

    def _require_over(self, pull: PullId, how: type[Op]) -> None:
        """The registry must have told how a pull ended, or the model never heard of it."""
        told = self.told_over.get(pull)
        require(told is how, f"end of pull {pull}", how, told)

    def _absorb(self) -> tuple[Effect, ...]:
        expected: tuple[Effect, ...] = ()
        for op, effects in self._told:
            rule, self.state, expected = advance(self.state, op)
            self.rules.add(rule)
            require(effects == expected, f"effects of {op}", expected, effects)
            for effect in expected:
                self._note(effect)
            if isinstance(op, CancelPull | Seen):
                self.told_over[op.pull] = type(op)
            if isinstance(op, CancelPull):
                self.settled.pop(op.pull, None)
        self._told.clear()
        return expected

    def _note(self, effect: Effect) -> None:
        match effect:
            case Resolved(pull) | Rejected(pull):
                require(pull not in self.settled, f"pull {pull} settled twice", "once", "twice")
                self.settled[pull] = effect
                self.order.append(pull)
            case Abandoned(pull):
                self.abandoned.add(pull)
            case _:
                pass

    def end(self) -> None:
        """Look at everything that is left, then take the loops down; nothing may be reported."""
        for pull in list(self.watched.held):
            self.park(pull)
        self.settle()
        for side in self.sides:
            side.held.clear()
            with side.quiet:
                pass
            require(not side.quiet.unraisable, "reported to the loop", [], side.quiet.unraisable)


def outcome_of(pull: PullId, task: asyncio.Task[PullResult]) -> Effect:
    """What a task that awaited a pull got, in the model's words."""
    error = task.exception()
    match error:
        case None:
            result = task.result()
            assert isinstance(result, Chunk | Done)
            return Resolved(pull, result)
        case StreamDeleted():
            return Rejected(pull, Deleted())
        case PullSuperseded():
            return Rejected(pull, Superseded())
        case PullRefused():
            return Rejected(pull, Refused())
        case StreamErrored():
            return Rejected(pull, Errored(error.value))
        case _:
            return Rejected(pull, Errored(error))
