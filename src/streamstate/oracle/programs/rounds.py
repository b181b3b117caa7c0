"""Rounds: ops that come again and again in a program, each time on the next streams and pulls.

A program of ten thousand ops is read, written and shortened by its rounds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final, NamedTuple

from streamstate.model import CancelPull, Create, Error, Op, Pull, Push
from streamstate.oracle.programs.editing import Ops, each_changed, inner_ops, put_on, stream_of
from streamstate.wire import Together, Turn

FEWEST: Final = 4
"""At least so many rounds are reported as such."""

_LONGEST: Final = 48
"""A round has at most so many turns."""

_NEARLY_ALL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Rounds:
    """From turn `start` (from 0) on, `times` rounds of `period` turns each. In a round so many
    streams are made and so many pulls called; `moves` says of each turn of a round whether it is on
    the next ones each time, or on the same."""

    start: int
    period: int
    times: int
    streams: int
    pulls: int
    moves: tuple[bool, ...]

    @property
    def end(self) -> int:
        """The turn after the last round."""
        return self.start + self.period * self.times


class _Named(NamedTuple):
    """What a turn does, and the streams and pulls that it names."""

    what: object
    streams: tuple[int, ...] = ()
    pulls: tuple[int, ...] = ()


class _Counted:
    """A program with counts along it."""

    def __init__(self, ops: Ops) -> None:
        self.named: Final = tuple(map(_named, ops))
        inner = [inner_ops(turn) for turn in ops]
        self.streams: Final = _sums(sum(isinstance(op, Create) for op in each) for each in inner)
        self.pulls: Final = _sums(sum(isinstance(op, Pull) for op in each) for each in inner)

    def rounds(self, start: int, end: int) -> Iterator[Rounds]:
        """The rounds between two turns, in order: first those that make up most, then what is left
        before and after."""
        best = self._best(start, end)
        if best.times < FEWEST:
            return
        yield from self.rounds(start, best.start)
        yield best
        yield from self.rounds(best.end, end)

    def _best(self, start: int, end: int) -> Rounds:
        """The rounds that make up most; those of a longer period are not looked for where nearly
        nothing is left to them."""
        best = Rounds(start, 1, 0, 0, 0, ())
        for period in range(1, min(_LONGEST, (end - start) // FEWEST) + 1):
            for each in self._of_period(period, start, end):
                best = max(best, each, key=_turns)
            if _turns(best) >= _NEARLY_ALL * (end - start):
                break
        return best

    def _of_period(self, period: int, start: int, end: int) -> Iterator[Rounds]:
        """Runs of rounds: as long as the turn one period later is the same, moved as it was the
        last time."""
        moved: list[bool | None] = []
        first = start
        for at in range(start, end - period + 1):
            this = self._moved(at, period) if at < end - period else None
            moved.append(this)
            if this is None or (at - first >= period and this is not moved[at - start - period]):
                times = (at - first) // period + 1
                if times >= FEWEST:
                    yield self._made(first, period, times)
                first = at + 1

    def _moved(self, at: int, period: int) -> bool | None:
        """Whether the turn one period later is on other numbers; None if it is no like turn."""
        this, later = self.named[at], self.named[at + period]
        if this.what != later.what:
            return None
        if this == later:
            return False
        streams, pulls = self._counts(at, period)
        moved = _Named(
            this.what,
            tuple(number + streams for number in this.streams),
            tuple(number + pulls for number in this.pulls),
        )
        return True if moved == later else None

    def _counts(self, at: int, period: int) -> tuple[int, int]:
        streams, pulls = self.streams, self.pulls
        return streams[at + period] - streams[at], pulls[at + period] - pulls[at]

    def _made(self, first: int, period: int, times: int) -> Rounds:
        moves = tuple(bool(self._moved(at, period)) for at in range(first, first + period))
        return Rounds(first, period, times, *self._counts(first, period), moves)


def _turns(rounds: Rounds) -> int:
    return rounds.period * rounds.times


def _sums(counts: Iterator[int]) -> tuple[int, ...]:
    return tuple(accumulate(counts, initial=0))


def _named(turn: Turn) -> _Named:
    match turn:
        case Together(ops):
            each = [_named(op) for op in ops]
            return _Named(
                tuple(named.what for named in each),
                tuple(number for named in each for number in named.streams),
                tuple(number for named in each for number in named.pulls),
            )
        case Push(stream, chunk):
            return _Named((Push, chunk), (stream,))
        case Error(stream, value):
            return _Named((Error, value), (stream,))
        case CancelPull(pull):
            return _Named(CancelPull, pulls=(pull,))
        case _:
            number = stream_of(turn)
            return _Named(type(turn), () if number is None else (number,))


def rounds_of(ops: Sequence[Turn]) -> tuple[Rounds, ...]:
    """The rounds of a program, in order. O(length · turns of the longest round)."""
    return tuple(_Counted(tuple(ops)).rounds(0, len(ops)))


def shifted(turn: Turn, streams: int, pulls: int) -> Turn:
    """The turn on later streams and pulls."""

    def moved(op: Op) -> Op:
        stream = stream_of(op)
        if isinstance(op, CancelPull):
            return replace(op, pull=op.pull + pulls)
        return op if stream is None else put_on(op, stream + streams)

    return each_changed(turn, moved)


def with_times(ops: Ops, rounds: Rounds, times: int) -> Ops:
    """The program with so many of those rounds; what comes after them is on the streams and pulls
    that it was on, counted back from there. O(length)."""
    body = ops[rounds.start : rounds.start + rounds.period]
    repeated = (
        shifted(turn, number * rounds.streams, number * rounds.pulls) if moves else turn
        for number in range(times)
        for turn, moves in zip(body, rounds.moves, strict=True)
    )
    return (*ops[: rounds.start], *repeated, *_after(ops, rounds, times - rounds.times))


def _after(ops: Ops, rounds: Rounds, more: int) -> Iterator[Turn]:
    before = ops[: rounds.start]
    made = sum(isinstance(op, Create) for turn in before for op in inner_ops(turn))
    called = sum(isinstance(op, Pull) for turn in before for op in inner_ops(turn))
    streams, pulls = more * rounds.streams, more * rounds.pulls

    def moved(op: Op) -> Op:
        if isinstance(op, CancelPull):
            return replace(op, pull=op.pull + pulls) if op.pull + pulls > called else op
        stream = stream_of(op)
        return op if stream is None or stream + streams <= made else put_on(op, stream + streams)

    for turn in ops[rounds.end :]:
        yield each_changed(turn, moved)


def without_streams(ops: Ops, gone: Collection[int]) -> Ops:
    """Without those streams, their creates and their ops, the later ones moving up. O(length)."""
    numbers = sorted(gone)
    left: list[Turn] = []
    made = 0
    for turn in ops:
        if isinstance(turn, Create):
            made += 1
            if made not in gone:
                left.append(turn)
        elif isinstance(turn, Together) or stream_of(turn) not in gone:
            left.append(each_changed(turn, lambda op: _moved_up(op, numbers)))
    return tuple(left)


def _moved_up(op: Op, gone: Sequence[int]) -> Op:
    stream = stream_of(op)
    return op if stream is None else put_on(op, stream - bisect_left(gone, stream))
