"""An implementation at hand for single programs, and what has been spent on it."""

from __future__ import annotations

from typing import Final

from streamstate.model import Limits
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.implementation import Implementation, Opener, Request
from streamstate.oracle.programs.program import Program

_RESTARTS: Final = 3

_ORDINARY: Final = 150
"""Ops of a program from which on its run counts as several."""


def effort_of(program: Program) -> float:
    """What a run of it counts for."""
    return max(1.0, len(program) / _ORDINARY)


class Bench:
    """An implementation at hand, started when it is needed, and what has been run on it."""

    def __init__(self, opener: Opener, budget: Budget | None) -> None:
        self.opener: Final = opener
        self.budget: Final = Budget() if budget is None else budget
        self.implementation: Implementation | None = None
        self.restarts = 0
        self.seq = 0
        self.runs = 0
        self.effort = 0.0
        self.kept: Final[dict[tuple[Program, Limits | None], tuple[Request, bytes]]] = {}

    def is_over(self) -> bool:
        """Whether the time is over."""
        return self.budget.is_over()

    def open(self) -> Implementation:
        """The implementation. Raises `ValueError` where it broke too often."""
        if self.implementation is None:
            if self.restarts > _RESTARTS or self.is_over():
                raise ValueError("restarted often enough")
            self.implementation = self.opener()
        return self.implementation

    def close(self) -> None:
        """End the implementation."""
        if self.implementation is not None:
            self.implementation.close()
            self.implementation = None
