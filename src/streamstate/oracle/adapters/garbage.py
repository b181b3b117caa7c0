"""How often Python looks for garbage in cycles while a check runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

COLLECTIONS: Final = (50_000, 20, 100)
"""The thresholds of the garbage collector. What a plan makes lives to its end, and has no cycles;
with Python's own thresholds, the collector would go through it again and again, for a quarter of
the run."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """With these thresholds, and afterwards with those of before."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
