"""Every broken implementation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tests.faults.asyncio_registry import asyncio_faults
from tests.faults.bursts import burst_faults
from tests.faults.edited import EDITED, edited_faults, missing
from tests.faults.fault import Fault, Group
from tests.faults.harness import harness_faults
from tests.faults.javascript import javascript_faults, memory_faults
from tests.faults.kept import kept_faults
from tests.faults.kept_edits import KEPT_EDITS


@cache
def faults() -> dict[str, Fault]:
    """The faults by key, in the order of the page. Raises `ValueError` for a key that two have."""
    found: dict[str, Fault] = {}
    for fault in _all():
        if fault.key in found:
            raise ValueError(f"two faults are called {fault.key}")
        found[fault.key] = fault
    return found


def _all() -> Iterator[Fault]:
    yield from javascript_faults()
    yield from memory_faults()
    yield from asyncio_faults()
    yield from harness_faults()
    yield from kept_faults()
    yield from edited_faults(EDITED)
    yield from burst_faults()
    yield from edited_faults(KEPT_EDITS)


def not_built() -> frozenset[Group]:
    """The groups whose toolchain is not there."""
    return missing((*EDITED, *KEPT_EDITS))
