"""Keeps the garbage collector from going through what a check makes, which lives to its end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SELDOM: Final = 20_000_000
"""Objects that are made between two looks for garbage in cycles, where nothing makes any."""

_NEVER: Final = 1_000_000
"""Looks at young objects for each look at all: a check has no so many."""


@contextmanager
def seldom_collected(*, here: bool) -> Iterator[None]:
    """While it lasts, nobody looks for garbage among old objects: the models and answers of a check
    are kept, and have no cycles. Young ones are looked at as before if the implementation runs
    `here`, in this process: it may make cycles."""
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young if here else _SELDOM, middle, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(young, middle, old)
