"""When a rule is applied, and a mistake that may be made then."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import (
    CancelPull,
    Clear,
    Create,
    Op,
    Seen,
    State,
    Step,
    Stream,
    Waiting,
)

SOMETHING: Final = b"\x00something else\xff"
"""Stands for a chunk that is not the one it should be, whichever it is."""

SOME_ERROR: Final = "\x00some other message\x7f"
"""Stands for an error value that is not the one it should be."""

SOME_NUMBER: Final = 10**9 + 7
"""Stands for a stream number that is not the one it should be."""

NOBODY: Final = 0
"""Stands for a pull that waits and whose settling nobody sees; pulls are numbered from 1."""


LOST: Final = "\x00no message\x7f"
"""Stands for an error value that got lost: no message, or a word for none."""

Spoilt: TypeAlias = Stream | None
"""A stream, None where there is none."""


class Application(NamedTuple):
    """A rule is applied: the state before, the op, what the model makes of it, and in which turn of
    the program (from 0). `times` is how often the rules that go wrong by the hypothesis were taken
    before."""

    before: State
    op: Op
    step: Step
    at: int
    times: int = 0


class Change(NamedTuple):
    """A mistake. `says` completes "a registry in which PUSH_5 …"; `made` is the step with the
    mistake, the same one where there is nothing to do wrongly. `renumbers` says that it
    changes the next stream's number, `of_any_op` that ops on streams are likely to make it all
    alike."""

    says: str
    made: Callable[[Application], Step]
    renumbers: bool = False
    of_any_op: bool = False


def number_of(application: Application) -> int | None:
    """The stream that the op is about, where it is one."""
    match application.op:
        case Create():
            return application.before.next_stream
        case CancelPull(pull):
            return _stream_of_pull(application.before, pull)
        case Clear() | Seen():
            return None
        case op:
            return op.stream


def _stream_of_pull(state: State, pull: int) -> int | None:
    """The stream that handed it a chunk, or on which it waits."""
    handed = (each.stream for each in state.handed if each.pull == pull)
    waiting = (
        number
        for number, stream in state.streams
        if isinstance(stream, Waiting) and pull in (stream.first, *stream.others)
    )
    return next(chain(handed, waiting), None)


Spoil: TypeAlias = Callable[[Spoilt, Spoilt, Op], Spoilt]
"""What is made of a stream, given it as it was before, as it should be after, and the op."""
