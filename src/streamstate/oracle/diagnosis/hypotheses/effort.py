"""How much is done to find causes, counted: what is told does not depend on how fast a machine is.

One unit is a program held against one hypothesis. A check of an implementation that deviates is to
cost no more than twice as much as one of an implementation that conforms, so what may be spent is a
share of what driving the plan took.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Final


class Effort:
    """What may still be spent. Nothing is left, either, once `is_over` says that the time is."""

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
        """Take so much of it, and of what it is a share of."""
        self.left -= units
        if self._of is not None:
            self._of.spend(units)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0 or self._is_over()

    def share(self, parts: int) -> Effort:
        """One of so many equal parts of what is left."""
        return Effort(self.left / parts, self._is_over, of=self)
