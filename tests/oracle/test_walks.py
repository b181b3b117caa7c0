"""Nobody walks further along a long program than the answers that somebody asks for."""

from __future__ import annotations

import gc

from streamstate.model import REFERENCE, Create, Push
from streamstate.oracle.adapters.garbage import seldom_collected
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Link, Node, Told, Walk
from streamstate.oracle.programs.program import Symbol, program_of

PROGRAM = program_of((Create(), *(Push(1, bytes([each])) for each in range(20))))


def test_an_answer_is_looked_up_without_those_after_it() -> None:
    walked, walk = _walk()
    expected = [link.json for link in CachedModel(REFERENCE).expect(PROGRAM).links]
    assert Told(walk)[2] == expected[2]
    assert len(walked) == 3
    assert walk[1].json == expected[1]
    assert len(walked) == 3  # it was kept
    assert list(Told(walk)) == expected
    assert len(walked) == len(PROGRAM)
    assert Told(walk)[-1] == expected[-1]
    assert Told(walk)[1:4] == expected[1:4]


def test_collections_are_as_before_once_a_check_is_over() -> None:
    before = gc.get_threshold()
    with seldom_collected(here=True):
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before


def _walk() -> tuple[list[Symbol], Walk]:
    """A walk, and what was done along it."""
    model, walked = CachedModel(REFERENCE), list[Symbol]()

    def link(node: Node, symbol: Symbol) -> Link:
        walked.append(symbol)
        return model.link(node, symbol)

    return walked, Walk(model.root, link, PROGRAM, ())
