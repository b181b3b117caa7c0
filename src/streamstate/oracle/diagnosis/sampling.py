"""Some of many, taken at even distances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


def evenly(each: Sequence[_T], most: int) -> Sequence[_T]:
    """Every one of them, or so many at most."""
    return each[:: -(-len(each) // most) or 1]
