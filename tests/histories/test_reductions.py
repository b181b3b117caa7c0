"""What the search leaves out may be left out."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from streamstate.histories import Linearizable, NotLinearizable, Unknown, check, search
from streamstate.histories.demands import demands_of, works_of
from streamstate.histories.fifo import learn
from streamstate.histories.objects import streams_of
from streamstate.histories.work import Work
from streamstate.model import WHATWG, Action, Create, Event, Pull, Push
from streamstate.model.rows import Keeping
from streamstate.model.transition import TABLE
from tests.histories.simulated import Simulated
from tests.histories.stretched import with_another_answer
from tests.histories.written import written


def test_what_looks_changes_nothing_in_any_row_of_the_table() -> None:
    looks = [*TABLE[Event.GET], *TABLE[Event.IS_QUEUE_FULL]]
    looks += [row for row in TABLE[Event.PUSH] if row.returned is False]
    assert len(looks) >= 8
    assert all(row.to is Keeping.SAME and not row.do for row in looks)


def test_a_look_at_a_chunk_changes_nothing_but_that_it_cannot_go_back() -> None:
    for row in (*TABLE[Event.SEEN_HANDED], *TABLE[Event.SEEN_OTHER]):
        assert row.to is Keeping.SAME
        assert set(row.do) <= {Action.LET_GO}


def test_eight_threads_are_linearizable_in_few_steps() -> None:
    """Without what the answers tell of the order of pushes it takes all steps there are."""
    history = Simulated(Random(1), streams=1, lives=10**9, dialect=WHATWG).run(4_000)
    assert isinstance(check(history, most_steps=30_000), Linearizable)


def test_a_wrong_answer_among_thousands_is_found_and_its_prefix_is_short() -> None:
    found = 0
    for seed in range(6):
        made = Simulated(Random(seed), streams=3, lives=200).run(3_000)
        verdict = check(with_another_answer(made, Random(seed)))
        if isinstance(verdict, NotLinearizable):
            found += 1
            assert verdict.prefix.shortest
            assert verdict.prefix.witness
    assert found >= 3


def test_pushes_are_in_the_order_in_which_the_model_accepted_them() -> None:
    """Of all pairs that are said to be in order, none is the wrong way round."""
    simulated = Simulated(Random(3), streams=1, lives=10**9)
    history = simulated.run(2_000)
    [one] = streams_of(history)
    works = works_of(one.calls)
    demands = demands_of(works)
    learn(works, one.start)
    accepted = {chunk: place for place, chunk in enumerate(simulated.accepted)}
    pairs = 0
    for demand in demands:
        pushes = [work for work in demand.open if chunk_of(work) in accepted]
        for earlier in pushes:
            for later in pushes:
                if earlier.must_precede(later):
                    pairs += 1
                    assert accepted[chunk_of(earlier)] < accepted[chunk_of(later)]
    assert pairs > 100


def chunk_of(work: Work) -> bytes:
    chunk: bytes = getattr(work.call.op, "chunk", b"")
    return chunk


@pytest.mark.parametrize("most", ["MOST_KEPT", "MOST_CHUNKS"])
def test_what_could_only_be_decided_by_what_was_forgotten_is_unknown(
    most: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pushes overlap everything, so that nothing is cut; the pull in the end brings what nobody
    pushed."""
    calls: list[Any] = [("main", 0, 1, Create(), 1)]
    calls += [(f"P{at}", 2, 900, Push(1, b"%d" % at), True) for at in range(2)]
    calls += [("A", 10 + 2 * at, 11 + 2 * at, Push(1, b"x"), True) for at in range(12)]
    calls += [("B", 200, 201, Pull(1), b"y")]
    history = written(*calls)
    assert isinstance(check(history, 20_000), NotLinearizable)
    monkeypatch.setattr(search, most, 8)
    verdict = check(history, 20_000)
    assert isinstance(verdict, Unknown)
    assert verdict.bound == "choices that are kept to be taken back"
