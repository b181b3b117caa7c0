"""Smaller programs that are not reached by leaving out single ops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby, pairwise
from typing import Final

from streamstate.model import HIGH_WATER_MARK, Create, Pull, Push
from streamstate.oracle.programs.editing import Ops, moved_up, stream_of, without
from streamstate.wire import Turn


def fewer_creates(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The program without a half, a quarter … one of the creates it begins with, and every number
    lower by as many: the number may matter only by being high."""
    made = next((at for at, op in enumerate(ops) if not isinstance(op, Create)), len(ops))
    size = made // 2
    while size >= 1:
        yield [tuple(moved_up(turn, 1, size) for turn in ops[size:])]
        size //= 2


def run_to_a_power(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The program with its longest run of like ops cut to a power of two, or one more: a count may
    be wrong just where it wraps, so that neither half of the run nor one op less shows it."""
    runs = [len(list(run)) for _, run in groupby(ops, key=_likeness)]
    length = max(runs, default=0)
    end = sum(runs[: runs.index(length) + 1]) if runs else 0
    powers = (2**bits for bits in range(3, length.bit_length()))
    kept = [some for power in powers for some in (power, power + 1) if some < length]
    yield [without(ops, end - length + some, end) for some in kept]


def fewer_of_a_kind(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The program without the ops of one kind, except the last op: looks, say, that change
    nothing."""
    *before, last = ops
    kinds = dict.fromkeys(type(op) for op in before)
    yield [(*(op for op in before if type(op) is not kind), last) for kind in kinds]


def fewer_of_two_runs(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The program without one op of each of two runs of like ops: a push and a pull, say."""
    starts: list[int] = []
    at = 0
    for _, run in groupby(ops, key=_likeness):
        starts.append(at)
        at += len(list(run))
    yield [
        without(without(ops, later, later + 1), first, first + 1)
        for first, later in combinations(starts, 2)
    ]


def _likeness(turn: Turn) -> tuple[type[Turn], int | None]:
    return type(turn), stream_of(turn)


def merged_pushes(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The program with two consecutive pushes made one."""
    yield [
        (*ops[:at], Push(first.stream, first.chunk + second.chunk), *ops[at + 2 :])
        for at, (first, second) in enumerate(pairwise(ops))
        if isinstance(first, Push) and isinstance(second, Push) and first.stream == second.stream
    ]


def one_big_push(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The program with one push that fills its stream alone, instead of several that do."""
    pushes = [at for at, op in enumerate(ops) if isinstance(op, Push)]
    if not 1 < len(pushes) <= _FEW or any(_fills(ops[at]) for at in pushes):
        return
    made: list[Ops] = []
    for filling in (pushes[0], pushes[-1]):
        rest = [at for at in pushes if at != filling]
        made += [_filled(ops, filling, {at}) for at in rest]
        made += [_filled(ops, filling, set(rest[kept:])) for kept in range(len(rest))]
        made += [_filled(ops, filling, set(rest[: len(rest) - kept])) for kept in range(len(rest))]
    made += [_without_pulls(each, len(ops) - len(each)) for each in made if len(each) < len(ops)]
    yield sorted(dict.fromkeys(made), key=len)


_FEW: Final = 40
"""Only programs with at most so many pushes are tried so."""


def _without_pulls(ops: Ops, most: int) -> Ops:
    """The program without so many of its first pulls."""
    left = ops
    for _ in range(most):
        at = next((at for at, op in enumerate(left[:-1]) if isinstance(op, Pull)), None)
        if at is None:
            break
        left = without(left, at, at + 1)
    return left


def _fills(turn: Turn) -> bool:
    return isinstance(turn, Push) and len(turn.chunk) >= HIGH_WATER_MARK


def _filled(ops: Ops, filling: int, gone: set[int]) -> Ops:
    return tuple(
        Push(op.stream, b"\x01" * HIGH_WATER_MARK) if at == filling and isinstance(op, Push) else op
        for at, op in enumerate(ops)
        if at not in gone
    )
