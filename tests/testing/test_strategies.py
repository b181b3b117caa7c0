"""The strategies keep to what they promise, and lead somewhere."""

from __future__ import annotations

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from streamstate.model import (
    CancelPull,
    Create,
    Dialect,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Seen,
    advance,
    initial,
)
from streamstate.oracle.programs.rulesets import RULES, bit_of, reachable_rules
from streamstate.testing import assert_conforms, chunks, ops, programs, small_limits
from streamstate.wire import encode_program, parse_program, trace
from tests.testing.simple import SimpleRegistry

SMALL = Limits(3, 2)


@given(programs(streams=2, max_ops=12))
@settings(max_examples=60)
def test_programs_are_as_long_as_asked_and_can_be_sent(program: tuple[Op, ...]) -> None:
    assert program[0] == Create()
    assert len(program) <= 12
    assert sum(isinstance(op, Create) for op in program) <= 2
    assert not any(isinstance(op, CancelPull | Seen) for op in program)
    assert parse_program(encode_program(program)) == program


PLENTY = settings(derandomize=True, max_examples=100, phases=(Phase.generate,))

MANY = settings(derandomize=True, max_examples=2_000, phases=(Phase.generate,))


def test_a_few_programs_take_nearly_every_rule() -> None:
    chosen = Dialect.parse("isolate+push_when_full=refuse+overlapping_pull=queue")
    taken: set[str] = set()

    @PLENTY
    @given(programs(dialect=chosen, limits=SMALL))
    def run(program: tuple[Op, ...]) -> None:
        taken.update(each.rule.name for each in trace(program, chosen, SMALL))

    run()
    reachable = {rule.name for rule in RULES if reachable_rules(chosen) & bit_of(rule)}
    missing = {name for name in reachable - taken if not name.startswith("GET_")}
    assert len(missing) <= 8, missing
    assert {"PUSH_4", "PULL_2", "CLOSE_2", "CLEAR_1"} <= taken


@pytest.mark.parametrize(
    "wanted",
    [{"SEEN_1"}, {"CANCEL_PULL_1"}, {f"CANCEL_PULL_{number}" for number in range(3, 9)}],
    ids=["seen", "still waiting", "handed already"],
)
def test_programs_with_cancels_hit_pulls(wanted: set[str]) -> None:
    def hits(program: tuple[Op, ...]) -> bool:
        state = initial(limits=SMALL)
        taken = set()
        for op in program:
            rule, state, _ = advance(state, op)
            taken.add(rule.name)
        return bool(taken & wanted)

    assert find(programs(cancels=True, limits=SMALL), hits, settings=MANY)


def test_chunks_are_small_save_when_they_are_not() -> None:
    once = settings(derandomize=True)
    assert find(chunks(), lambda chunk: len(chunk) > 60_000, settings=once)
    assert find(chunks(), lambda chunk: chunk == b"", settings=once) == b""


@given(chunks(big=False), small_limits(), st.data())
@settings(max_examples=30)
def test_small_is_small(chunk: bytes, limits: Limits, data: st.DataObject) -> None:
    assert len(chunk) <= 3
    assert limits == Limits() or limits.max_queue_chunks <= 4
    op = data.draw(ops(streams=1))
    assert not isinstance(op, Push | Pull | IsQueueFull) or op.stream in {1, 99}


@given(programs())
@settings(max_examples=10)
def test_they_feed_the_check(program: tuple[Op, ...]) -> None:
    assert_conforms(SimpleRegistry, programs=[program])


@pytest.mark.parametrize("wrong", [{"streams": 0}, {"max_ops": 0}])
def test_numbers_below_one_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        programs(**wrong)  # type: ignore[arg-type]  # one of the two
