"""What is asked on the clusters of tests: a plan that takes a second, and adapters for it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from streamstate.cluster.shards import Adapter
from streamstate.model import REFERENCE
from streamstate.oracle.checking import Question
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.plan import Suite
from tests.oracle.certified_plan import BY_HAND, certified_plan


def small_plan(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """700 programs, the first half of them tiny: more than a worker is measured by."""
    tiny = map(program_of, BY_HAND * (1 + 150 // seed))
    yield Suite("by hand", "programs that many faults show at", tiny)
    for suite in certified_plan(machine, capabilities, seed):
        if suite.complete and suite.complete.abstraction.name != "overlapping pulls":
            yield suite


QUESTION: Final = Question(REFERENCE, planner=small_plan)

REFUSES: Final = "reference+overlapping_pull=refuse"


def adapter(kind: str = "right", at: int = 0, marker: Path = Path(), dialect: str = "") -> Adapter:
    """The model itself, but for what it does at that program, see `tests.cluster.interrupted`. It
    deviates where it follows another dialect."""
    command = (sys.executable, "-m", "tests.cluster.interrupted", kind, str(at), str(marker))
    return Adapter((*command, dialect or "reference"), 60.0)
