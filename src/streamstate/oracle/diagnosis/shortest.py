"""Tells whether a program is the shortest, by running all shorter ones over a stated alphabet."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Final

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
)
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.programs.program import Program, program_of
from streamstate.wire import Together

LONGEST: Final = 4
"""Programs of up to so many ops can be shown to be the shortest; of longer ones nobody knows."""


def alphabet(*, get: bool) -> tuple[Op, ...]:
    """The ops of which shorter programs are made."""
    each: list[Op] = [Create(), Clear()]
    for stream in (1, 2):
        each += [
            Push(stream, bytes([stream])),
            Push(stream, b""),
            Pull(stream),
            Close(stream),
            Error(stream, "boom"),
            IsQueueFull(stream),
            Delete(stream),
        ]
        if get:
            each.append(Get(stream))
    return tuple(each)


@cache
def _programs(length: int, *, get: bool) -> tuple[Program, ...]:
    return tuple(map(program_of, product(alphabet(get=get), repeat=length)))


def is_shortest(finding: Finding) -> bool:
    """Whether a program is short enough for `Shorter` to have all shorter ones."""
    given_up = any(
        isinstance(each.op, Together | CancelPull | CancelPush) for each in finding.program
    )
    return len(finding.program) <= LONGEST and not given_up


class Shorter:
    """What the shorter programs of one implementation show: each length runs once, when asked
    for."""

    def __init__(self, runner: Runner) -> None:
        self._runner: Final = runner
        self._found: Final[dict[tuple[int, Limits | None], tuple[Finding, ...]]] = {}

    def than(self, length: int, limits: Limits | None) -> Iterator[Finding]:
        """The findings of all programs of fewer than `length` ops, the shortest first."""
        for each in range(1, length):
            yield from self._of(each, limits)

    def _of(self, length: int, limits: Limits | None) -> tuple[Finding, ...]:
        known = self._found.get((length, limits))
        if known is None:
            programs = _programs(length, get=self._runner.shows_get())
            tried = self._runner.recall_all(programs, limits)
            known = tuple(each for each in tried if each is not None)
            self._found[length, limits] = known
        return known
