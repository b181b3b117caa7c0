"""Strategies for Hypothesis: chunks, ops, limits, and programs that lead somewhere.

`programs` draws drafts, in which an op names a stream or a pull by its place among those that
exist; the model, run along, says which one that is. So a shrunk program stays sensible: with an op
left out, the others still go to streams that exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal, TypeAlias, assert_never

from hypothesis import strategies as st

from streamstate.model import (
    HIGH_WATER_MARK,
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Seen,
    State,
    StreamId,
    advance,
    initial,
    view,
)
from streamstate.wire import answer

UNKNOWN: Final = 99
"""A number that programs use and that no stream ever has."""

MESSAGES: Final = ("boom", "bang", "", "Stream deleted")


class Filled(bytes):
    """Many equal bytes, shown as the short expression that they are."""

    def __repr__(self) -> str:
        return f"{bytes(self[:1])!r} * {len(self)}"


def chunks(*, big: bool = True) -> st.SearchStrategy[bytes]:
    """Chunks: mostly of a few bytes, now and then empty; with `big`, about one in twenty of some
    64 KiB. They differ in content."""
    return st.builds(filled, st.integers(1, 255), _sizes(big=big))


def _sizes(*, big: bool) -> st.SearchStrategy[int]:
    return st.sampled_from(_SMALL * 3 + _BIG if big else _SMALL)


_SMALL: Final = (1, 1, 1, 2, 2, 3, 0)
_BIG: Final = (HIGH_WATER_MARK - 1, HIGH_WATER_MARK)


def filled(value: int, size: int) -> bytes:
    """`size` bytes of that value."""
    chunk = bytes([value]) * size
    return Filled(chunk) if size > max(_SMALL) else chunk


def small_limits() -> st.SearchStrategy[Limits]:
    """Limits that a few chunks reach, and the default ones."""
    small = st.builds(Limits, st.integers(1, 6), st.integers(1, 4))
    return st.one_of(small, st.just(Limits()))


def messages() -> st.SearchStrategy[str]:
    """Messages of errors."""
    return st.sampled_from(MESSAGES)


def streams_of(state: State) -> st.SearchStrategy[StreamId]:
    """The number of a stream in that state of the model: mostly an open one, sometimes one that is
    over or deleted, seldom an unknown one."""
    running, over, gone = _sorted(state)
    return st.sampled_from((*(running * 4), *(over * 2), *gone[:2], UNKNOWN))


def open_streams(state: State) -> tuple[StreamId, ...]:
    """The streams that are neither closed nor errored, latest first."""
    return _sorted(state)[0]


def _sorted(state: State) -> tuple[tuple[StreamId, ...], ...]:
    """The streams that are open, those closed or errored, those deleted; each latest first."""
    running: list[StreamId] = []
    over: list[StreamId] = []
    gone: list[StreamId] = []
    for number in range(state.next_stream - 1, 0, -1):
        shown = view(state, number)
        if shown is None:
            gone.append(number)
        else:
            (over if shown.closed or shown.errored else running).append(number)
    return tuple(running), tuple(over), tuple(gone)


def ops(*, streams: int = 3) -> st.SearchStrategy[Op]:
    """Single ops, on streams 1 to `streams` or on an unknown one."""
    numbers = st.sampled_from((*range(1, streams + 1), UNKNOWN))
    return st.one_of(
        st.just(Create()),
        st.builds(Push, numbers, chunks()),
        st.builds(Pull, numbers),
        st.builds(Close, numbers),
        st.builds(Error, numbers, messages()),
        st.builds(IsQueueFull, numbers),
        st.builds(Delete, numbers),
        st.just(Clear()),
    )


def programs(
    *,
    dialect: str | Dialect = "reference",
    limits: Limits | None = None,
    streams: int = 3,
    max_ops: int = 30,
    cancels: bool = False,
) -> st.SearchStrategy[tuple[Op, ...]]:
    """Programs of at most `max_ops` ops that make at most `streams` streams, the first at once.

    The strategy runs the model along, in `dialect`, with `limits`. With `cancels` programs have
    `CancelPull` and `Seen`, mostly of the latest pulls; without, a pull sees its chunk at once, as
    on the wire.

    Raises `ValueError` for a dialect that does not parse, and for `streams` or `max_ops` below 1.
    """
    if streams < 1 or max_ops < 1:
        raise ValueError(f"streams and max_ops must be at least 1, not {streams} and {max_ops}")
    wanted = Dialect.parse(dialect) if isinstance(dialect, str) else dialect
    start = initial(wanted, limits)
    # A list drawn is short on average; a list of lists is not, and is shrunk as well.
    drafts = st.lists(st.lists(_drafts(cancels=cancels), max_size=8), max_size=max_ops - 1)
    return drafts.map(
        lambda drawn: _resolved(start, chain(*drawn), streams, max_ops, cancels=cancels)
    )


Kind: TypeAlias = Literal[
    "push",
    "pull",
    "close",
    "error",
    "is_queue_full",
    "create",
    "delete",
    "clear",
    "cancel",
    "seen",
]


_USUAL: Final[tuple[Kind, ...]] = (
    *("push", "pull", "push", "pull", "push", "pull", "push", "pull"),
    *("close", "error", "close", "error", "is_queue_full", "is_queue_full"),
    *("create", "delete", "clear"),
)
_ON_PULLS: Final[tuple[Kind, ...]] = ("cancel", "cancel", "cancel", "seen", "seen")


@dataclass(frozen=True, slots=True)
class Draft:
    """An op that names its stream by its place, those that are open first, or its pull by its
    place, those that were handed a chunk first; the latest first in either case."""

    kind: Kind
    place: int
    value: int
    size: int


def _drafts(*, cancels: bool) -> st.SearchStrategy[Draft]:
    kinds = (*_USUAL, *_ON_PULLS) if cancels else _USUAL
    places = st.sampled_from((0, 0, 0, 0, 1, 1, 2, -1))
    return st.builds(Draft, st.sampled_from(kinds), places, st.integers(1, 255), _sizes(big=True))


def _resolved(
    start: State, drafts: Iterable[Draft], streams: int, max_ops: int, *, cancels: bool
) -> tuple[Op, ...]:
    """The program that the drafts stand for; those that stand for nothing are left out."""
    program: list[Op] = [Create()]
    state = advance(start, Create()).state
    for draft in drafts:
        if len(program) == max_ops:
            break
        op = _op(state, draft, streams)
        if op is not None:
            program.append(op)
            state = advance(state, op).state if cancels else answer(state, op).state
    return tuple(program)


def _op(state: State, draft: Draft, most: int) -> Op | None:
    streams = tuple(number for group in _sorted(state) for number in group)
    stream = _at(streams, draft.place)
    handed = [each.pull for each in reversed(state.handed)]
    pull = _at((*handed, *range(state.next_pull - 1, 0, -1)), draft.place)
    match draft.kind:
        case "create":
            return Create() if state.next_stream <= most else None
        case "push":
            return Push(stream, filled(draft.value, draft.size))
        case "pull":
            return Pull(stream)
        case "close":
            return Close(stream)
        case "error":
            return Error(stream, MESSAGES[draft.value % len(MESSAGES)])
        case "is_queue_full":
            return IsQueueFull(stream)
        case "delete":
            return Delete(stream)
        case "clear":
            return Clear()
        case "cancel":
            return CancelPull(pull)
        case "seen":
            return Seen(pull)
        case _:
            assert_never(draft.kind)


def _at(numbers: Sequence[int], place: int) -> int:
    """The number at that place, counted around; an unknown one for -1 or where there are none."""
    return UNKNOWN if place < 0 or not numbers else numbers[place % len(numbers)]
