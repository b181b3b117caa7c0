"""A check keeps the garbage collector away from what it makes, also once it is over."""

from __future__ import annotations

import subprocess
import sys

import pytest

_BEGINNING = """
import gc
from streamstate.oracle.adapters.garbage import seldom_collected
"""

_IS_OLD = """
with seldom_collected(here=False):
    made = [[number] for number in range(100_000)]
old = {id(each) for each in gc.get_objects(generation=2)}
assert all(id(each) in old for each in made)
"""

_STAYS_FROZEN = """
gc.freeze()
with seldom_collected(here=False):
    pass
assert gc.get_freeze_count() > 0
"""

_IS_FOUND = """
import weakref
class Cycle: pass
with seldom_collected(here=False):
    cycle = Cycle()
    cycle.itself = cycle
    seen = weakref.ref(cycle)
    del cycle
gc.collect()
assert seen() is None
"""


@pytest.mark.parametrize(
    "program",
    [_IS_OLD, _STAYS_FROZEN, _IS_FOUND],
    ids=[
        "what it made is not gone through",
        "what somebody froze stays so",
        "cycles are found later",
    ],
)
def test_once_a_check_is_over(program: str) -> None:
    """In a process of its own: this one holds millions of objects."""
    subprocess.run((sys.executable, "-c", _BEGINNING + program), check=True)
