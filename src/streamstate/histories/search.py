"""The search for a linearization: depth first, just in time, remembering what failed.

It goes from response to response. Calls take effect only where a response demands that one has: at
each, the calls in progress are tried in turn, until the one that responds has its answer. This
finds a linearization if there is one, for each can be rearranged so that every call takes effect
just before the response of some call (Lowe, "Testing for Linearizability"). The search remembers a
dead end by all that decides how it goes on: the state, and which calls have taken effect.

Two things spare it work and take away no history. A call that never changes anything takes effect
as soon as its answer is right: later it might not be, and no other call can tell. And the search
does not try pushes in an order that their pulls rule out (`fifo`). Which call it tries first is
only a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from streamstate.histories.configuration import Configuration, Key, Mover
from streamstate.histories.demands import Demand
from streamstate.histories.guesses import moves
from streamstate.histories.work import Work
from streamstate.model import Idle

MOST_KEPT: Final = 50_000
"""How many choices the search can take back. It remembers so many, or fewer if their states
together have more than `MOST_CHUNKS` chunks queued."""

MOST_CHUNKS: Final = 4_000_000


class OutOfStepsError(Exception):
    """The search used up its steps."""


class ForgottenError(Exception):
    """The search would have to take back a choice that it does not remember any more."""


class _Choice:
    """The moves still to try in a configuration."""

    __slots__ = ("at", "chunks", "moves")

    def __init__(self, at: Configuration, moves: list[Work | None]) -> None:
        self.at = at
        self.moves = moves
        self.chunks = sum(
            [len(stream.queue) for _, stream in at.state.streams if isinstance(stream, Idle)]
        )


class _Choices:
    """The moves still to try, the last choice first; the first ones are forgotten where they
    get too many."""

    def __init__(self) -> None:
        self._kept: list[_Choice] = []
        self._chunks = 0
        self.forgot = False

    def __bool__(self) -> bool:
        return bool(self._kept)

    def last(self) -> _Choice:
        """The choice to go on with."""
        return self._kept[-1]

    def push(self, choice: _Choice) -> None:
        """Add a choice, which comes first now."""
        self._kept.append(choice)
        self._chunks += choice.chunks
        if len(self._kept) > MOST_KEPT or self._chunks > MOST_CHUNKS:
            half = len(self._kept) // 2
            self._chunks -= sum(each.chunks for each in self._kept[:half])
            del self._kept[:half]
            self.forgot = True

    def pop(self) -> None:
        """Drop the last choice, which has nothing left to try."""
        self._chunks -= self._kept.pop().chunks


class Search:
    """A search through these demands. `furthest` is a configuration that came furthest."""

    def __init__(self, demands: Sequence[Demand], mover: Mover) -> None:
        self._demands: Final = demands
        self._mover: Final = mover
        self._failed: dict[int, set[Key]] = {}
        self.furthest: Configuration | None = None

    def arrivals(
        self, starts: Sequence[Configuration], until: int, most_steps: int
    ) -> Iterator[Configuration]:
        """The configurations in which the search can arrive before demand `until`, not always
        different ones. Raises `OutOfStepsError` or `ForgottenError` where there may be others."""
        last = self._mover.steps + most_steps
        self._failed = {}
        for start in starts:
            yield from self._from(start, until, last)

    def _from(self, start: Configuration, until: int, last: int) -> Iterator[Configuration]:
        choices = _Choices()
        arrived: Configuration | None = self._go_on(start, until)
        while True:
            if arrived is None:
                if not choices:
                    break
            elif arrived.demand == until:
                yield arrived
            elif not self._has_failed(arrived):
                choices.push(_Choice(arrived, self._moves(arrived)))
            if not choices:
                break
            if self._mover.steps > last:
                raise OutOfStepsError
            arrived = self._next(choices, until)
        if choices.forgot:
            raise ForgottenError

    def _next(self, choices: _Choices, until: int) -> Configuration | None:
        """Do the next move to try; None if that is impossible."""
        choice = choices.last()
        if not choice.moves:
            choices.pop()
            self._failed.setdefault(choice.at.demand, set()).add(choice.at.key)
            return None
        work = choice.moves.pop()
        at = choice.at
        if work is None:  # a pull that was given up without having waited
            return self._go_on(at._replace(demand=at.demand + 1), until)
        if at.placed & work.bit:
            moved = self._mover.cancel(at, work)
        elif work.is_push and self._is_too_early(work, at):
            return None
        else:
            moved = self._mover.place(at, work)
        return None if moved is None else self._go_on(moved, until)

    def _is_too_early(self, push: Work, at: Configuration) -> bool:
        return any(
            other.is_push and not at.placed & other.bit and other.must_precede(push)
            for other in self._demands[at.demand].open
        )

    def _go_on(self, at: Configuration, until: int) -> Configuration:
        """Goes on as long as there is nothing to choose."""
        while at.demand < until:
            demand = self._demands[at.demand]
            if demand.looking:
                at = self._looked(at, demand)
            bit = demand.work.bit
            if not at.complete & bit:
                break
            at = Configuration(
                at.demand + 1, at.state, at.placed & ~bit, at.complete & ~bit, at.path
            )
        if self.furthest is None or at.demand > self.furthest.demand:
            self.furthest = at
        return at

    def _looked(self, at: Configuration, demand: Demand) -> Configuration:
        """The configuration after all calls took effect that only look and have the right
        answer."""
        for work in demand.looking:
            if not at.placed & work.bit:
                at = self._mover.place(at, work) or at
        return at

    def _has_failed(self, at: Configuration) -> bool:
        failed = self._failed.get(at.demand)
        return failed is not None and at.key in failed

    def _moves(self, at: Configuration) -> list[Work | None]:
        return moves(self._demands[at.demand], at.placed, at.complete)
