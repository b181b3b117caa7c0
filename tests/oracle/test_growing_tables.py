"""A registry whose table loses what its streams are, where it grows or is cleared, is refused."""

from __future__ import annotations

from functools import cache

import pytest

from streamstate.model import REFERENCE
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.high_numbers import high_number_programs
from streamstate.oracle.suites.interference import interference_programs
from streamstate.oracle.suites.lifecycles import lifecycle_programs
from streamstate.oracle.suites.structured import structured_programs
from streamstate.oracle.suites.volume import volume_programs
from streamstate.testing.conforms import opened
from tests.testing.simple import SimpleRegistry, Stream


class GrowsWithoutTheLast(SimpleRegistry):
    """Where a table of eight places grows, the last stream in it begins anew."""

    def create(self) -> int:
        if self.made == 8 and self.made in self.streams:
            self.streams[self.made] = Stream()
        return super().create()


class ClearsOpenStreams(SimpleRegistry):
    """Clear leaves closed streams among the first eight, but for the first two."""

    def clear(self) -> None:
        kept = {n: each for n, each in self.streams.items() if 2 < n < 8 and each.closed}
        super().clear()
        self.streams.update(kept)


@cache
def programs() -> tuple[Program, ...]:
    return tuple(map(program_of, high_number_programs()))


@cache
def others() -> tuple[Program, ...]:
    made = (interference_programs, lifecycle_programs, structured_programs, volume_programs)
    return tuple(program_of(ops) for each in made for ops in each() if len(ops) < 1_000)


def is_refused(factory: type[SimpleRegistry], tried: tuple[Program, ...]) -> bool:
    runner = Runner(lambda: opened(factory, None), REFERENCE, CachedModels())
    try:
        return any(runner.try_all(tried, None))
    finally:
        runner.close()


@pytest.mark.parametrize("factory", [GrowsWithoutTheLast, ClearsOpenStreams])
def test_it_is_refused_by_these_programs(factory: type[SimpleRegistry]) -> None:
    assert is_refused(factory, programs())


@pytest.mark.thorough
@pytest.mark.parametrize("factory", [GrowsWithoutTheLast, ClearsOpenStreams])
def test_it_is_by_no_others(factory: type[SimpleRegistry]) -> None:
    assert not is_refused(factory, others())


def test_a_table_that_keeps_all_is_not_refused() -> None:
    assert not is_refused(SimpleRegistry, programs())
