"""Counts the work of finding causes, so that a verdict does not depend on how fast a machine is.

One unit is one program held against one hypothesis. Checking an implementation that deviates may
cost at most twice as much as checking one that conforms, so the search may spend a share of what
driving the plan took.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Final


class Effort:
    """What the search may still spend: nothing once `is_over` says that the time is up."""

    def __init__(
        self,
        units: float = inf,
        is_over: Callable[[], bool] = lambda: False,
        *,
        of: Effort | None = None,
    ) -> None:
        self.left = units
        self._is_over: Final = is_over
        self._of: Final = of

    def spend(self, units: float) -> None:
        """Spend so much of it, and of the effort that it is a share of."""
        self.left -= units
        if self._of is not None:
            self._of.spend(units)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left to spend."""
        return self.left <= 0 or self._is_over()

    def share(self, parts: int) -> Effort:
        """One of so many equal parts of what is left."""
        return Effort(self.left / parts, self._is_over, of=self)
