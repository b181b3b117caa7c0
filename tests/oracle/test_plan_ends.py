"""Where pushes wait, what is found by search on the model is found in so many steps: streams and
queues that grow without end would make a plan that never comes."""

from __future__ import annotations

from itertools import islice

import pytest

from streamstate.model import Dialect, lattice, pushes_wait
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Link, Node
from streamstate.oracle.programs.program import Symbol
from streamstate.oracle.suites import rule_graph as graph_of_rules
from streamstate.oracle.suites.rule_graph import rule_graph
from streamstate.oracle.suites.sequences import sequence_programs
from tests.thorough import one_in

WAITING = [dialect for dialect in lattice() if pushes_wait(dialect)]
STEPS = 10_000
PROGRAMS = 4_000


class Tired(CachedModel):
    """Does no more than so many steps."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect)
        self.left = STEPS

    def link(self, node: Node, symbol: Symbol) -> Link:
        self.left -= 1
        if self.left < 0:
            raise RecursionError("the search goes on and on")
        return super().link(node, symbol)


@pytest.mark.parametrize("dialect", one_in(24, WAITING), ids=str)
def test_the_graph_of_rules_has_an_end_and_so_have_its_programs(dialect: Dialect) -> None:
    graph = rule_graph(Tired(dialect), get=True)
    programs = sequence_programs(lambda: graph)
    assert sum(1 for _ in islice(programs, PROGRAMS)) < PROGRAMS


def test_a_graph_without_bounds_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_of_rules, "_is_small", lambda _shape: True)
    with pytest.raises(RecursionError):
        rule_graph(Tired(WAITING[0]), get=True)
