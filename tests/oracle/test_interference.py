"""A registry in which one stream touches another is refused, as a black box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Idle, Limits, Rule, Step
from streamstate.model.state import Queue
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.hypotheses.application import Application, Change, number_of
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.counts import byte_count_programs
from streamstate.oracle.suites.interference import interference_programs
from streamstate.oracle.suites.structured import structured_programs
from tests.oracle.broken_registries import opener
from tests.oracle.planted import Planted, runner_with

COUNTED = (Rule.PUSH_5, Rule.PUSH_6, Rule.PULL_2, Rule.PULL_4, Rule.DELETE_2, Rule.ERROR_4)


def beside(made: Callable[[Queue, int], Queue]) -> Change:
    """What the other stream of two has queued is touched too, given how many bytes were queued on
    the one that the op is about."""

    def done(application: Application) -> Step:
        step, number = application.step, number_of(application) or 0
        before, other = application.before.find(number), step.state.find(3 - number)
        if not (isinstance(before, Idle) and isinstance(other, Idle)):
            return step
        touched = replace(other, queue=made(other.queue, before.queue.size))
        streams = step.state.streams_with(3 - number, touched)
        return step._replace(state=replace(step.state, streams=streams))

    return Change("touches the other stream", done)


def less(queue: Queue, size: int) -> Queue:
    return replace(queue, size=max(0, queue.size - size))


def more(queue: Queue, size: int) -> Queue:
    return replace(queue, size=queue.size + size)


def untouched(queue: Queue, _size: int) -> Queue:
    return queue


class Keeps(StreamStateRegistry):
    """A new stream has what the one that was deleted last left, if that were so many chunks."""

    def __init__(self, limits: Limits, count: int) -> None:
        super().__init__(limits=limits)
        self._count = count
        self._left: tuple[bytes, ...] = ()

    def create(self) -> int:
        stream = super().create()
        left, self._left = self._left, ()
        for chunk in left if 0 < self._count <= len(left) else ():
            super().push(stream, chunk)
        return stream

    def delete(self, stream: int) -> None:
        self._keep(stream)
        super().delete(stream)

    def clear(self) -> None:
        for stream in self:
            self._keep(stream)
        super().clear()

    def _keep(self, stream: int) -> None:
        view = self.get(stream)
        self._left = self._left if view is None else view.queue


@cache
def programs() -> tuple[Program, ...]:
    return tuple(map(program_of, interference_programs()))


@cache
def others() -> tuple[Program, ...]:
    return tuple(map(program_of, (*structured_programs(), *byte_count_programs())))


def refused(change: Change, rules: tuple[Rule, ...], tried: tuple[Program, ...]) -> bool:
    return any(runner_with(Planted(change, rules, capabilities=())).try_all(tried, None))


def is_refused(count: int) -> bool:
    def make(limits: Limits) -> StreamStateRegistry:
        return Keeps(limits, count)

    runner = Runner(opener(make, "keeps"), REFERENCE, CachedModels())
    try:
        return any(runner.try_all(programs(), None))
    finally:
        runner.close()


@pytest.mark.parametrize("rule", COUNTED)
def test_bytes_that_are_taken_from_the_other_stream_are_missed(rule: Rule) -> None:
    assert refused(beside(less), (rule,), programs())


@pytest.mark.parametrize("rule", [rule for rule in COUNTED if rule != Rule.PUSH_5])
def test_bytes_that_are_put_upon_the_other_stream_are_noticed(rule: Rule) -> None:
    assert refused(beside(more), (rule,), programs())


def test_no_other_program_with_a_shape_sees_what_delete_takes_from_the_other_stream() -> None:
    assert not refused(beside(less), (Rule.DELETE_2,), others())


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9, 17])
def test_what_the_last_stream_left_is_found_by_the_next(count: int) -> None:
    assert is_refused(count)


def test_streams_that_keep_to_themselves_are_not_refused() -> None:
    assert not refused(beside(untouched), COUNTED, programs())
    assert not is_refused(18)
