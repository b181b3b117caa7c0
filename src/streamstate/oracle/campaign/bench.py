"""Holds an implementation for single programs, and counts what was spent on it."""

from __future__ import annotations

from typing import Final

from streamstate.model import Limits
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.implementation import Implementation, Opener, Request
from streamstate.oracle.programs.program import Program

_RESTARTS: Final = 3

_ORDINARY: Final = 150
"""A run of a program with at least so many ops counts as several."""


def effort_of(program: Program) -> float:
    """How many runs a run of the program counts as."""
    return max(1.0, len(program) / _ORDINARY)


class Bench:
    """An implementation, started when somebody needs it, and the count of what ran on it."""

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
        """Whether the budget is over."""
        return self.budget.is_over()

    def open(self) -> Implementation:
        """The implementation. Raises `ValueError` if it broke too often."""
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
