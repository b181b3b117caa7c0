"""Any point of the lattice is recognised by a few answers, also with a fault on top of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.cli.own_registry import Sending, own_registry
from streamstate.model import (
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    NAMED,
    REFERENCE,
    Dialect,
    Done,
    PullResult,
    Push,
    StreamId,
    lattice,
)
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.checking import check_any
from streamstate.oracle.diagnosis.nearest_dialect import PROBES, nearest
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import Program
from streamstate.oracle.suites.plan import Suite
from streamstate.oracle.verdict.verdict import Nearest
from tests.oracle.broken_registries import CloseForgets, DeleteRaises, opener, opener_of


def answers(dialect: Dialect, programs: tuple[Program, ...]) -> tuple[str, ...]:
    machine = CachedModel(dialect)
    return tuple(machine.expect(program).text for program in programs)


def told_apart(programs: tuple[Program, ...]) -> int:
    return len({answers(dialect, programs) for dialect in lattice()})


def test_no_two_dialects_answer_all_probes_alike() -> None:
    assert told_apart(PROBES) == len(lattice())


def fills(probe: Program) -> bool:
    pushed = [each.op.chunk for each in probe if isinstance(each.op, Push)]
    return len(pushed) >= MAX_QUEUE_CHUNKS or sum(map(len, pushed)) >= HIGH_WATER_MARK


def test_those_that_fill_no_queue_do_not_tell_them_apart() -> None:
    assert told_apart(tuple(probe for probe in PROBES if not fills(probe))) < len(lattice())


class FreeOnceErrored(StreamStateRegistry):
    """Many chunks do not make an errored stream full; many bytes do."""

    def is_queue_full(self, stream: StreamId) -> bool:
        view = self.get(stream)
        many = view is not None and view.errored and len(view.queue) >= MAX_QUEUE_CHUNKS
        return not many and super().is_queue_full(stream)


def test_what_is_right_of_bytes_and_wrong_of_chunks_is_no_dialect() -> None:
    found = looked_at(FreeOnceErrored, REFERENCE)
    assert found is not None
    assert found.deviating > 0


def looked_at(registry: type[StreamStateRegistry], dialect: Dialect) -> Nearest | None:
    def make(limits: Limits) -> StreamStateRegistry | Sending:
        return own_registry(dialect, limits, registry)

    runner = Runner(opener(make, "one"), REFERENCE, CachedModels())
    try:
        return nearest(runner)
    finally:
        runner.close()


@pytest.mark.parametrize("dialect", lattice()[::13], ids=str)
def test_a_registry_comes_nearest_to_its_own_dialect(dialect: Dialect) -> None:
    assert looked_at(StreamStateRegistry, dialect) == Nearest(dialect, 0, len(PROBES))


def test_a_fault_does_not_hide_the_dialect() -> None:
    found = looked_at(DeleteRaises, NAMED["isolate"])
    assert found is not None
    assert found.dialect == NAMED["isolate"]


class TellsAnErrorOnce(StreamStateRegistry):
    """Once a pull was rejected with it, all later ones on that stream are done."""

    def __init__(self, dialect: Dialect = REFERENCE, limits: Limits | None = None) -> None:
        super().__init__(dialect, limits)
        self._told: set[StreamId] = set()

    def pull(self, stream: StreamId) -> Any:
        view = self.get(stream)
        if stream in self._told:
            return self._done()
        if view is not None and view.errored and not view.queue:
            self._told.add(stream)
        return super().pull(stream)

    async def _done(self) -> PullResult:
        return Done()


@pytest.mark.parametrize("first", ["whatwg", "whatwg+overlapping_pull=overwrite"])
def test_where_dialects_are_missed_equally_often_the_answers_tell(first: str) -> None:
    dialect = Dialect.parse(f"{first}+error_when_closed=ignore")
    found = looked_at(TellsAnErrorOnce, dialect)
    assert found is not None
    assert found.deviating > 0
    assert found.dialect == dialect


def probes_only(*_: object, **__: object) -> Iterator[Suite]:
    yield Suite("probes", "one for each policy value", iter(PROBES))


def test_any_dialect_conforms_and_is_named() -> None:
    dialect = lattice()[77]

    def make(limits: Limits) -> StreamStateRegistry | Sending:
        return own_registry(dialect, limits)

    verdict = check_any(opener(make, "some"), planner=probes_only)
    assert verdict.exit_code == 0
    assert verdict.dialect == dialect


def test_no_dialect_excuses_a_fault() -> None:
    verdict = check_any(opener_of(CloseForgets), planner=probes_only)
    assert verdict.dialect == REFERENCE
    assert verdict.exit_code == 1
    assert verdict.nearest is not None
    assert verdict.nearest.deviating > 0
