"""The point that a search has reached, and how one step of the model changes it.

A pull has two linearization points, like an operation of a dual data structure: it is placed at
one, and settles at the other, which may be that of another call. Both lie between its invocation
and its response. A pull that its caller gives up may have a third, its cancellation. A pull sees
its chunk as soon as it settles: for others that changes nothing, except that the chunk cannot go
back, which it was not going to do. A push that waits has two, too. One that is given up while it
waits needs none: nobody can tell that it was there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

from streamstate.histories.work import Work
from streamstate.model import (
    Abandoned,
    Accepted,
    CancelPull,
    Chunk,
    Create,
    Effect,
    Handed,
    PullId,
    PushId,
    Rejected,
    Resolved,
    Returned,
    Rule,
    Seen,
    State,
    Stream,
    StreamId,
    TurnedAway,
    advance,
)


class Move(NamedTuple):
    """A linearization point: `work` takes effect, or is cancelled, by `rule`."""

    work: Work
    cancels: bool
    rule: Rule


Path: TypeAlias = "tuple[Path, Move] | None"
"""The moves up to a point, the last one first."""


class Configuration(NamedTuple):
    """A point of the search: before response number `demand`, with the model in `state`. Of the
    calls in progress, those in `placed` have taken effect, and those in `complete` have their
    answers, too; both are bits."""

    demand: int
    state: State
    placed: int = 0
    complete: int = 0
    path: Path = None

    @property
    def key(self) -> Key:
        """Everything that decides how it can go on. Pulls, and pushes that wait, have the numbers
        of their calls, so that the number of the next one does not matter."""
        state = self.state
        return (
            self.demand,
            self.placed,
            self.complete,
            state.next_stream,
            state.streams,
            state.handed,
        )


Key: TypeAlias = tuple[
    int, int, int, StreamId, tuple[tuple[StreamId, Stream], ...], tuple[Handed, ...]
]


class Mover:
    """Makes calls take effect in the model. `steps` counts the steps that it took."""

    def __init__(
        self, works: Mapping[PullId, Work], *, only_numbers: bool = False, pushes_wait: bool = False
    ) -> None:
        """`works` are by the numbers of their calls. With `only_numbers`, streams are forgotten as
        soon as they are made: only their numbers matter. `pushes_wait`: in this dialect."""
        self._works: Final = works
        self._pushes_wait: Final = pushes_wait
        self._only_numbers: Final = only_numbers
        self.steps = 0

    def place(self, at: Configuration, work: Work) -> Configuration | None:
        """The configuration after `work` takes effect; None if somebody's answer would be wrong
        then."""
        state, op = at.state, work.call.op
        if work.is_pull or (work.is_push and self._pushes_wait):
            state = _numbered(state, state.next_stream, work.number)
        elif isinstance(op, Create):
            number = getattr(work.call.outcome, "answer", state.next_stream)
            if number < state.next_stream:
                return None
            if not self._only_numbers:  # those in between went to creates that are checked apart
                state = _numbered(state, number, state.next_pull)
        self.steps += 1
        rule, after, effects = advance(state, op)
        if work.looks and not effects:  # it waits, and one that changes nothing does not
            return None
        complete = at.complete if work.may_wait else at.complete | work.bit
        if self._only_numbers:
            after = State(after.dialect, after.limits, after.next_stream)
        path = at.path, Move(work, cancels=False, rule=rule)
        placed = Configuration(at.demand, after, at.placed | work.bit, complete, path)
        return self._told(placed, work, effects) if effects else placed

    def cancel(self, at: Configuration, work: Work) -> Configuration | None:
        """The configuration after `work`, a placed pull, is cancelled; None as in `place`."""
        self.steps += 1
        rule, after, effects = advance(at.state, CancelPull(work.number))
        path = at.path, Move(work, cancels=True, rule=rule)
        cancelled = Configuration(at.demand, after, at.placed, at.complete | work.bit, path)
        return self._told(cancelled, work, effects) if effects else cancelled

    def _told(
        self, at: Configuration, work: Work, effects: tuple[Effect, ...]
    ) -> Configuration | None:
        state, complete = at.state, at.complete
        for effect in effects:
            match effect:
                case Returned(value):
                    if not work.returns(value):
                        return None
                    complete |= work.bit
                case Accepted(push) | TurnedAway(push):
                    settled = self._works[push]
                    if not settled.settles(effect):
                        return None
                    complete |= settled.bit
                case Resolved(pull) | Rejected(pull):
                    settled = self._works[pull]
                    if not settled.settles(effect):
                        return None
                    if settled.may_cancel:
                        continue
                    complete |= settled.bit
                    if isinstance(effect, Resolved) and isinstance(effect.result, Chunk):
                        self.steps += 1
                        state = advance(state, Seen(pull)).state
                case Abandoned(pull):
                    if not self._works[pull].may_cancel:
                        return None
                case _:
                    pass
        return at._replace(state=state, complete=complete)


def _numbered(state: State, stream: StreamId, call: PullId | PushId) -> State:
    return State(state.dialect, state.limits, stream, call, state.streams, state.handed, call)
