"""An application of a rule, and a mistake that a registry may make there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Create,
    Op,
    PushesWaiting,
    Seen,
    State,
    Step,
    Stream,
    Waiting,
)

SOMETHING: Final = b"\x00something else\xff"
"""Stands for any chunk but the right one."""

SOME_ERROR: Final = "\x00some other message\x7f"
"""Stands for any error value but the right one."""

SOME_NUMBER: Final = 10**9 + 7
"""Stands for any stream number but the right one."""

NOBODY: Final = 0
"""Stands for a pull that waits, and that nobody sees settle; real pulls are numbered from 1."""
NOBODYS_PUSH: Final = -1
"""Stands for a push that waits, and that nobody sees settle; programs give up a push 0, too."""

LOST: Final = "\x00no message\x7f"
"""Stands for an error value that the registry lost: no message, or a word for none."""

Spoilt: TypeAlias = Stream | None
"""A stream; None where the number is unknown."""


class Application(NamedTuple):
    """One application of a rule: the state before, the op, and the step that the model makes."""

    before: State
    op: Op
    step: Step


class Change(NamedTuple):
    """A mistake. `says` completes "a registry in which PUSH_5 …". `made` gives the step with the
    mistake, or the same step where the mistake changes nothing. `renumbers` says that it changes
    the next stream's number; `of_any_op`, that a registry which makes it at one op on streams is
    likely to make it at all of them."""

    says: str
    made: Callable[[Application], Step]
    renumbers: bool = False
    of_any_op: bool = False


def number_of(application: Application) -> int | None:
    """The stream that the op names; None if it names none."""
    match application.op:
        case Create():
            return application.before.next_stream
        case CancelPull(pull):
            return _stream_of_pull(application.before, pull)
        case CancelPush(push):
            return _stream_of_push(application.before, push)
        case Clear() | Seen():
            return None
        case op:
            return op.stream


def _stream_of_pull(state: State, pull: int) -> int | None:
    """The stream that handed the pull a chunk, or on which the pull waits."""
    handed = (each.stream for each in state.handed if each.pull == pull)
    waiting = (
        number
        for number, stream in state.streams
        if isinstance(stream, Waiting) and pull in (stream.first, *stream.others)
    )
    return next(chain(handed, waiting), None)


def _stream_of_push(state: State, push: int) -> int | None:
    """The stream on which it waits."""
    waiting = (
        number
        for number, stream in state.streams
        if isinstance(stream, PushesWaiting)
        and any(offered.push == push for offered in (stream.first, *stream.others))
    )
    return next(waiting, None)


Spoil: TypeAlias = Callable[[Spoilt, Spoilt, Op], Spoilt]
"""What a mistake makes of a stream: takes the stream before, the stream as the op should leave it,
and the op."""
