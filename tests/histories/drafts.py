"""Programs on two streams whose chunks mostly differ, as Hypothesis draws them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Seen,
)

streams = st.sampled_from((1, 1, 1, 2))
back = st.integers(0, 2)
"""A pull, as so many before the last one called."""

drafts: st.SearchStrategy[Op] = st.one_of(
    st.builds(Push, streams, st.just(b"")),
    st.builds(Pull, streams),
    st.builds(Push, streams, st.sampled_from((b"", b"", b"", b"same"))),
    st.builds(Pull, streams),
    st.builds(CancelPull, back),
    st.builds(CancelPush, back),
    st.builds(Seen, back),
    st.builds(IsQueueFull, streams),
    st.builds(Get, streams),
    st.builds(Close, streams),
    st.builds(Error, streams, st.just("boom")),
    st.builds(Delete, streams),
    st.just(Create()),
    st.just(Clear()),
)


def program(drawn: Sequence[Op], made: int) -> list[Op]:
    """The program of a draft, after so many creates: chunks and pulls by their numbers."""
    ops: list[Op] = [Create()] * made
    pulls = pushes = 0
    for draft in drawn:
        match draft:
            case Push(stream, b""):
                pushes += 1
                ops.append(Push(stream, bytes([96 + pushes])))
            case Pull():
                pulls += 1
                ops.append(draft)
            case CancelPull(distance):
                ops.append(CancelPull(max(1, pulls - distance)))
            case Seen(distance):
                ops.append(Seen(max(1, pulls - distance)))
            case _:
                ops.append(draft)
    return ops


def programs(most: int) -> st.SearchStrategy[list[Op]]:
    """Of so many ops at most, creates apart."""
    return st.builds(program, st.lists(drafts, max_size=most), st.integers(0, 2))


limits = st.sampled_from((Limits(), Limits(2, 2), Limits(9, 1)))
