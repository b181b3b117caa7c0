"""A registry that counts chunks apart from its queue, and wrongly after some op, is refused as a
black box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import cache, partial
from itertools import product
from typing import Final

import pytest

from streamstate.model import (
    REFERENCE,
    Create,
    Idle,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Returned,
    Rule,
    State,
    Step,
    advance,
    initial,
)
from streamstate.oracle.adapters.implementation import Hello, Request
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.counts import chunk_count_programs
from streamstate.oracle.suites.structured import structured_programs
from streamstate.wire import answer
from tests.thorough import one_in

_Counts = Counter[int]
_MACHINES: Final = CachedModels()


class Miscounting:
    """Answers as the model does, but counts chunks in a number of its own: one more, or one fewer,
    after some rules."""

    def __init__(self, rules: Collection[Rule], by: int) -> None:
        self.hello: Final = Hello("miscounting", "1", "none", frozenset(), exact=True)
        self._rules: Final = frozenset(rules)
        self._by: Final = by

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        for request in requests:
            state = initial(limits=request.limits)
            step = partial(self._advance, Counter())
            said: list[str] = []
            for each in request.program:
                answered = answer(state, each.op, step)
                said.append(answered.text)
                state = answered.state
            yield f'{{"seq":{request.seq},"trace":[{",".join(said)}],"late":[]}}'.encode()

    def close(self) -> None:
        """There is nothing to end."""

    def _advance(self, wrong: _Counts, state: State, op: Op) -> Step:
        step = advance(state, op)
        if isinstance(op, IsQueueFull):
            stream = state.find(op.stream)
            count = wrong[op.stream] + (len(stream.queue) if isinstance(stream, Idle) else 0)
            if isinstance(stream, Idle) and stream.queue.size < state.limits.high_water_mark:
                full = count >= state.limits.max_queue_chunks
                step = step._replace(effects=(Returned(full),))
        elif step.rule in self._rules and isinstance(op, Push | Pull):
            wrong[op.stream] += self._by
        elif step.rule in self._rules and isinstance(op, Create):
            wrong[state.next_stream] += self._by
        return step


@cache
def programs() -> tuple[Program, ...]:
    return tuple(map(program_of, (*chunk_count_programs(), *structured_programs())))


def refused(made: Callable[[], Miscounting]) -> bool:
    return any(Runner(made, REFERENCE, _MACHINES).try_all(programs(), None))


MISCOUNTING = (
    *(Rule.CREATE_1, Rule.PUSH_4, Rule.PUSH_5, Rule.PUSH_6),
    *(Rule.PULL_2, Rule.PULL_3, Rule.PULL_4, Rule.PULL_7, Rule.PULL_10),
)


@pytest.mark.parametrize(("by", "rule"), one_in(3, product((1, -1), MISCOUNTING)))
def test_a_wrong_count_after_an_op_is_seen(by: int, rule: Rule) -> None:
    assert refused(lambda: Miscounting([rule], by))


def test_no_other_program_with_a_shape_sees_what_a_hand_over_adds() -> None:
    runner = Runner(lambda: Miscounting([Rule.PUSH_4], 1), REFERENCE, _MACHINES)
    assert not any(runner.try_all(tuple(map(program_of, structured_programs())), None))


def test_a_right_count_is_not_refused() -> None:
    assert not refused(lambda: Miscounting(tuple(Rule), 0))
