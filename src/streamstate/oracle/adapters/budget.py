"""How long a whole check may take: driving, finding causes, waiting for answers."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from time import perf_counter
from typing import Final


class Budget:
    """So many seconds from now on (None: no bound), or until somebody ends it.

    Whoever does something that can take long asks now and then whether it is over. `clock` tells
    the time.
    """

    def __init__(
        self, seconds: float | None = None, clock: Callable[[], float] = perf_counter
    ) -> None:
        self.clock: Final = clock
        self._seconds: Final = inf if seconds is None else seconds
        self._begun: Final = clock()
        self.ended: bool = False
        """Whether somebody ended it, whatever time was left."""

    def end(self) -> None:
        """End the budget now."""
        self.ended = True

    def is_over(self, part: float = 1.0) -> bool:
        """Whether that part of the budget is spent."""
        if self._seconds == inf:  # as of most: it is asked twice for each program
            return self.ended
        return self.ended or self.spent() > self._seconds * part

    def spent(self) -> float:
        """Seconds that have passed."""
        return self.clock() - self._begun
