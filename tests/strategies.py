"""What to feed a registry: dialects, limits and programs, as Hypothesis strategies and at random.

Programs are over three streams and a number that is never a stream's. Those ops that name a pull
name it relative to the last one called while a program is drawn, so that most of them hit a pull
that waits or was handed a chunk, and shrinking leaves them hitting it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import strategies as st

from streamstate.model import (
    HIGH_WATER_MARK,
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Seen,
    State,
    initial,
    lattice,
    pushes_wait,
)

STREAMS = (1, 2, 3)
NOT_A_STREAM = 99
REAL = Limits()
TINY = tuple(Limits(size, count) for size in (1, 2, 4) for count in (1, 2, 3))
UNBUFFERED = (Limits(0, 2), Limits(2, 0))

SIZES = (0, 1, 1, 2, 3, HIGH_WATER_MARK - 1, HIGH_WATER_MARK)


def chunk_of(letter: int, size: int) -> bytes:
    """A chunk that tells which one it is, whatever its size (unless that is nothing)."""
    return bytes([letter]) * size


dialects = st.sampled_from(lattice())
limits = st.sampled_from((REAL, *TINY, *UNBUFFERED))
numbers = st.sampled_from((*STREAMS, *STREAMS, *STREAMS, NOT_A_STREAM))
chunks = st.builds(chunk_of, st.integers(97, 122), st.sampled_from(SIZES))
errors = st.sampled_from(("boom", "bang", None, 7))
back = st.integers(-3, 1)
"""A pull, as so many before the last one called; 1 is one that was never called."""

op_drafts: st.SearchStrategy[Op] = st.one_of(
    st.builds(Push, numbers, chunks),
    st.builds(Pull, numbers),
    st.builds(CancelPull, back),
    st.builds(Seen, back),
    st.builds(Push, numbers, chunks),
    st.builds(Pull, numbers),
    st.builds(Close, numbers),
    st.builds(Error, numbers, errors),
    st.builds(Get, numbers),
    st.builds(IsQueueFull, numbers),
    st.builds(Delete, numbers),
    st.just(Create()),
    st.just(Clear()),
    st.builds(CancelPush, st.integers(0, 4)),
)


def resolve(drafts: Sequence[Op]) -> tuple[Op, ...]:
    """The program of a draft: pulls named by their numbers, after one create per stream."""
    ops: list[Op] = [Create() for _ in STREAMS]
    called = 0
    for draft in drafts:
        match draft:
            case Pull():
                called += 1
                ops.append(draft)
            case CancelPull(distance):
                ops.append(CancelPull(max(called + distance, 0)))
            case Seen(distance):
                ops.append(Seen(max(called + distance, 0)))
            case _:
                ops.append(draft)
    return tuple(ops)


programs = st.lists(op_drafts, max_size=40).map(resolve)
starts: st.SearchStrategy[State] = st.builds(initial, dialects, limits)

_WEIGHTS = {
    "push": 9,
    "pull": 8,
    "cancel": 5,
    "seen": 2,
    "close": 2.5,
    "error": 2,
    "get": 1,
    "full": 1,
    "delete": 0.7,
    "create": 0.7,
    "clear": 0.3,
}
"""Of ops that mean something in every dialect: to give up a push says nothing where none waits."""


def random_program(random: Random, length: int, *, pushes: bool = False) -> tuple[Op, ...]:
    """A program of `length` ops, the same for the same state of `random`, creates apart; with
    `pushes` some of them give up pushes that wait, or do not."""
    weights = {**_WEIGHTS, "push": 18, "cancel_push": 3} if pushes else _WEIGHTS
    kinds = random.choices(tuple(weights), tuple(weights.values()), k=length)
    return resolve([_random_draft(random, kind) for kind in kinds])


def _random_draft(random: Random, kind: str) -> Op:
    stream = random.choice((*STREAMS, 1, 1, 1, 4, NOT_A_STREAM))
    match kind:
        case "push":
            return Push(stream, chunk_of(random.randint(97, 122), random.choice(SIZES)))
        case "pull":
            return Pull(stream)
        case "cancel":
            return CancelPull(random.randint(-3, 1))
        case "seen":
            return Seen(random.randint(-3, 1))
        case "close":
            return Close(stream)
        case "error":
            return Error(stream, random.choice(("boom", "bang", None)))
        case "get":
            return Get(stream)
        case "full":
            return IsQueueFull(stream)
        case "delete":
            return Delete(stream)
        case "create":
            return Create()
        case "cancel_push":
            return CancelPush(random.randint(0, 6))
        case _:
            return Clear()


def random_start(random: Random, *, pushes: bool = False) -> State:
    """A fresh registry with any dialect and any of the limits; with `pushes` in one where pushes
    wait, and soon."""
    if pushes:
        waiting = [dialect for dialect in lattice() if pushes_wait(dialect)]
        return initial(random.choice(waiting), random.choice((*TINY, *UNBUFFERED)))
    return initial(random.choice(lattice()), random.choice((REAL, *TINY)))


def dialect_with(**fields: str) -> Dialect:
    """`reference` with these fields: shorter to read in a test than to parse."""
    return Dialect.parse("+".join(["reference", *(f"{k}={v}" for k, v in fields.items())]))
