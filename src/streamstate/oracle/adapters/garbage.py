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

_SELDOM: Final = 20_000_000
"""Objects that are made between two looks for garbage in cycles, where nothing makes any."""

_NEVER: Final = 1_000_000
"""Looks at young objects for each look at all: a check has no so many."""


@contextmanager
def seldom_collected(*, here: bool) -> Iterator[None]:
    """While it lasts, nobody looks for garbage among old objects: the models and answers of a check
    are kept, and have no cycles. Young ones are looked at if the implementation runs `here`, in
    this process: it may make cycles."""
    before = gc.get_threshold()
    young, middle, _ = COLLECTIONS
    gc.set_threshold(young if here else _SELDOM, middle, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
