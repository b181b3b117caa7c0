"""Mistakes in which the registry does another op than the one that was called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from streamstate.model import (
    Close,
    Delete,
    Effect,
    Error,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Step,
    advance,
)
from streamstate.oracle.diagnosis.hypotheses.application import SOME_ERROR, Application, Change
from streamstate.oracle.diagnosis.hypotheses.places import cleared

_Instead: TypeAlias = Callable[[Op], Op | None]
"""The op that the registry does instead; None if it does the right one."""


def _instead(says: str, instead: _Instead) -> Change:
    """A clear does it to every stream."""

    def made(application: Application) -> Step:
        done = tuple(_done_instead(application, instead))
        if not done:
            return application.step
        state = application.before
        effects: tuple[Effect, ...] = ()
        for op in done:
            _, state, more = advance(state, op)
            effects += more
        return Step(application.step.rule, state, effects)

    return Change(says, made)


def _done_instead(application: Application, instead: _Instead) -> Iterator[Op]:
    deletes = tuple(map(Delete, cleared(application)))
    for op in deletes or (application.op,):
        other = instead(op)
        if other is not None:
            yield other


def _end_with(kind: Callable[[int], Op]) -> _Instead:
    def instead(op: Op) -> Op | None:
        return kind(op.stream) if isinstance(op, Close | Error | Delete) else None

    return instead


def _failing(op: Op) -> Op | None:
    return Error(op.stream, SOME_ERROR) if isinstance(op, Close | Delete) else None


def _as_text(op: Op) -> Op | None:
    if not isinstance(op, Push):
        return None
    return replace(op, chunk=op.chunk.decode(errors="replace").encode())


def _to(number: Callable[[int], int]) -> _Instead:
    def instead(op: Op) -> Op | None:
        return replace(op, stream=number(op.stream)) if isinstance(op, _ON_STREAMS) else None

    return instead


_NOWHERE: Final = 2**31 - 1
"""A number that no stream has."""

_ON_STREAMS: Final = (Push, Pull, Close, Error, Delete, IsQueueFull)


def other_ops() -> Iterator[Change]:
    """Mistakes in which the registry does another op."""
    yield _instead("does what a close does", _end_with(Close))
    yield _instead("does what a delete does", _end_with(Delete))
    yield _instead("does what an error does", _failing)
    yield _instead("takes the pushed chunk for text", _as_text)
    yield _instead("does not find the stream", _to(lambda _number: _NOWHERE))._replace(
        of_any_op=True
    )
    yield _instead("acts on the first stream", _to(lambda _number: 1))
    yield _instead("acts on the stream before", _to(lambda number: number - 1))
    yield from map(_wrapping, range(2, 31))


def _wrapping(bits: int) -> Change:
    says = f"takes {bits} bits of the number"
    return _instead(says, _to(lambda number: number % 2**bits))._replace(of_any_op=True)
