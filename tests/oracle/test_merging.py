"""What comes of the shards of a plan, merged, is what comes of the plan, to the last detail."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import permutations
from math import inf

import pytest

from streamstate.model import REFERENCE
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.implementation import (
    ExchangeError,
    Fault,
    Hello,
    Implementation,
    Opener,
    Request,
)
from streamstate.oracle.campaign import merging
from streamstate.oracle.campaign.driving import Campaign
from streamstate.oracle.campaign.merging import broken_at, merged, past_of, without_past
from streamstate.oracle.checking import Question, drive_part
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.suites.plan import requests
from streamstate.oracle.verdict.tally import Group, Tally
from streamstate.oracle.verdict.verdict import WHOLE, Shard
from tests.oracle.broken_registries import opener_of
from tests.oracle.certified_plan import REGISTRIES, SOUND, certified_plan
from tests.thorough import one_in

QUESTION = Question(REFERENCE, planner=certified_plan)
NAMES = (SOUND, "CloseForgets", "DeleteRaises", "FullTooLate")
"""Those that keep their programs apart, as each has to."""


def driven(opener: Opener, until: float = inf) -> Tally:
    """What one machine brings."""
    with closing(opener()) as implementation:
        planned = QUESTION.planned(implementation.hello, models := CachedModels())
        asked = (each for each in requests(planned) if each.seq < until)
        return Campaign(implementation, REFERENCE, models).drive(asked)


def part(opener: Opener, shard: Shard, until: float = inf) -> Tally:
    """What a worker sends of a shard."""
    _, tally = drive_part(opener, QUESTION, shard, until, Budget())
    sent: Tally = pickle.loads(pickle.dumps(without_past(tally)))
    return sent


@cache
def whole(name: str) -> Tally:
    return driven(opener_of(REGISTRIES[name]))


@cache
def parts(name: str, of: int) -> tuple[Tally, ...]:
    return tuple(part(opener_of(REGISTRIES[name]), Shard(n, of)) for n in range(1, of + 1))


def told(tally: Tally) -> dict[str, object]:
    """All of a tally that does not depend on time, the order of causes included."""
    untimed = {key: value for key, value in vars_of(tally) if key not in {"seconds", "past"}}
    error = tally.broken
    said = None if error is None else (error.fault, error.message)
    return {**untimed, "broken": said, "following": (), "groups": list(tally.groups.items())}


def vars_of(tally: Tally) -> Iterator[tuple[str, object]]:
    return ((name, getattr(tally, name)) for name in tally.__dataclass_fields__)


@pytest.mark.parametrize("of", [2, 3])
@pytest.mark.parametrize("name", one_in(2, NAMES))
def test_the_tally_is_that_of_the_plan(name: str, of: int) -> None:
    assert told(merged(parts(name, of))) == told(whole(name))
    assert told(merged(parts(name, of)[::-1])) == told(whole(name))


@pytest.mark.parametrize("name", one_in(2, NAMES))
def test_what_was_answered_is_put_together_again(name: str) -> None:
    with closing(opener_of(REGISTRIES[name])()) as implementation:
        planned = QUESTION.planned(implementation.hello, CachedModels())
    again = past_of(requests(planned), parts(name, 3))
    assert list(again) == list(whole(name).past)
    assert again == whole(name).past


@pytest.mark.parametrize("name", NAMES[1:])
def test_the_order_of_shards_is_nothing_to_it(name: str) -> None:
    for order in permutations(parts(name, 3)):
        assert told(merged(order)) == told(whole(name))


class DiesAt:
    """Dies at one program, and at all after some."""

    def __init__(self, inner: Implementation, *seqs: int) -> None:
        self._inner, self._seqs = inner, seqs

    @property
    def hello(self) -> Hello:
        return self._inner.hello

    def run(self, asked: Iterator[Request]) -> Iterator[bytes]:
        for request in asked:
            if request.seq in self._seqs:
                raise ExchangeError(Fault.DIED, f"it died at {request.seq}")
            yield from self._inner.run(iter((request,)))

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize("dies_at", [(1,), (40, 41), (200, 100, 102)])
def test_nothing_counts_that_one_machine_would_not_have_reached(dies_at: tuple[int, ...]) -> None:
    inner = opener_of(REGISTRIES["CloseForgets"])

    def opener() -> DiesAt:
        return DiesAt(inner(), *dies_at)

    shards = [Shard(number, 3) for number in (1, 2, 3)]
    tallies = [part(opener, shard) for shard in shards]
    first = min(broken_at(each) for each in tallies if each.broken is not None)
    assert first == min(dies_at)
    again = [
        each if each.last < first else part(opener, shard, first)
        for each, shard in zip(tallies, shards, strict=True)
    ]
    assert told(merged(again)) == told(driven(opener))


# Joiners that are wrong are found. ------------------------------------------------------------


def _keeps_the_first(one: Group, other: Group) -> Group:
    return Group(one.smallest, one.programs + other.programs, min(one.first, other.first))


def _counts_one(one: Group, other: Group) -> Group:
    smallest = min(one.smallest, other.smallest, key=lambda each: (each.size, each.seq))
    return Group(smallest, one.programs, min(one.first, other.first))


def _takes_the_last_of_equal_ones(one: Group, other: Group) -> Group:
    smallest = min(one.smallest, other.smallest, key=lambda each: (each.size, -each.seq))
    return Group(smallest, one.programs + other.programs, min(one.first, other.first))


@pytest.mark.parametrize("wrong", [_keeps_the_first, _counts_one, _takes_the_last_of_equal_ones])
def test_a_joiner_that_mistakes_one_cause_is_found(
    wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "_both", wrong)
    orders = [merged(order) for name in NAMES[1:] for order in permutations(parts(name, 3))]
    right = [told(whole(name)) for name in NAMES[1:] for _ in range(6)]
    assert list(map(told, orders)) != right


@pytest.mark.parametrize("left", [slice(1, None), slice(None, -1)])
def test_a_shard_that_is_lost_is_missed(left: slice) -> None:
    for name in NAMES:
        assert told(merged(parts(name, 3)[left])) != told(whole(name))


def test_a_shard_that_is_there_twice_is_seen() -> None:
    first, *others = parts(SOUND, 3)
    assert told(merged([first, first, *others])) != told(whole(SOUND))


def test_the_shard_of_the_whole_plan_is_the_plan() -> None:
    assert told(merged([part(opener_of(REGISTRIES["DeleteRaises"]), WHOLE)])) == told(
        whole("DeleteRaises")
    )
