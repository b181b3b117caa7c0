"""Every faulty example: how it is read, and the rule that is to be named for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from streamstate.model import Create, Error, IsQueueFull, Op, Pull, Push, Seen
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import Suite, default_plan
from streamstate.testing import Convention, Factory, own_vectors
from streamstate.testing.vectors import read_vectors
from tests.testing import coroutines, simple

PLAIN = Convention()


@dataclass(frozen=True)
class Fault:
    """`rule` is the one to blame, `shows_at` the one whose op is answered wrongly where that is
    another. `vectors` is false where no vector goes far enough to see it."""

    factory: type
    rule: str
    convention: Convention = PLAIN
    vectors: bool = True
    shows_at: str = ""

    @property
    def seen_at(self) -> str:
        """The rule named by what looks no further than the answer."""
        return self.shows_at or self.rule

    @property
    def make(self) -> Factory:
        """The factory."""
        return self.factory


FAULTS = (
    Fault(simple.NewestFirst, "PULL_2"),
    Fault(simple.CloseForgets, "CLOSE_2"),
    Fault(simple.FullLate, "IS_QUEUE_FULL_2", vectors=False),  # real limits are not in them
    Fault(simple.DeleteForgets, "DELETE_3"),
    Fault(simple.CountsAnew, "CLEAR_1", shows_at="CREATE_1"),
    Fault(simple.PushesAfterTheEnd, "PUSH_2"),
    Fault(simple.PullRaises, "PULL_6"),
    Fault(simple.Complains, "PUSH_1"),
    Fault(simple.CloseAnswers, "CLOSE_"),
    Fault(simple.BringsLengths, "PULL_2"),
    Fault(simple.CopiesTooLate, "PUSH_8", shows_at="PULL_2"),
    Fault(simple.SharesMemory, "PULL_13", vectors=False, shows_at="PULL_"),
    Fault(coroutines.HandsTwice, "PUSH_4", coroutines.CONVENTION),
    Fault(coroutines.FirstErrorStays, "ERROR_10", coroutines.CONVENTION),
    Fault(coroutines.ClosesTooMuch, "CLOSE_3", coroutines.CONVENTION),
    Fault(coroutines.PushBlocks, "PUSH_", coroutines.CONVENTION),
)


def _programs() -> Iterator[tuple[Op, ...]]:
    """Programs of vectors for any adapter, and two for what those with small limits are for."""
    for vector in read_vectors(own_vectors()):
        asked = not any(isinstance(op, Seen) for op in vector.program)
        if asked and not vector.needs and vector.name.endswith(("/1", "/3")):
            yield vector.program
    yield (Create(), *(Push(1, b"a"),) * 16, IsQueueFull(1), Push(1, b"b"), Pull(1))
    yield (Create(), Error(1, "first"), Error(1, "second"), Pull(1))


PROGRAMS = tuple(_programs())
"""Programs that take every rule that can be taken without cancels: a plan that is soon through."""


def tiny_plan(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """The first few programs of each suite of the default plan."""
    for suite in default_plan(machine, capabilities, seed):
        yield suite._replace(programs=islice(suite.programs, 10))
