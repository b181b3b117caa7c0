"""The registry in JavaScript answers, through its adapter, as the specification does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, reduce
from operator import or_
from pathlib import Path

import pytest

from streamstate.model import OF_THE_TABLE, Dialect, Op, Rule, Seen, pushes_wait
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Request, parse_reply
from streamstate.oracle.programs.program import symbol
from streamstate.oracle.programs.rulesets import bit_of, reachable_rules
from streamstate.wire import Json, agrees
from tests.spec.compare import DIALECTS as COMPARED
from tests.spec.vectors import Vector, every

pytestmark = pytest.mark.needs_node

DIALECTS = [name for name in COMPARED if not pushes_wait(Dialect.parse(name))]
"""It has no push that waits."""

LACKS = {"cancel", "cancel_push", "unbuffered"}
"""Capabilities that it has not."""

VARIANT = Path(__file__).parents[1] / "implementations" / "javascript" / "variant.mjs"


def asked(vector: Vector) -> tuple[list[Op], list[Json]]:
    """Ops and answers without `seen`: an adapter answers when every awaiter has looked."""
    pairs = zip(vector.program, vector.trace, strict=True)
    kept = [(op, answer) for op, answer in pairs if not isinstance(op, Seen)]
    return [op for op, _ in kept], [answer for _, answer in kept]


def requests(vectors: list[Vector]) -> Iterator[Request]:
    for number, vector in enumerate(vectors):
        program = tuple(symbol(op) for op in asked(vector)[0])
        yield Request(number, program, vector.limits)


@cache
def run(node: Path, name: str, *options: str) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """By the vectors that the adapter can run in that dialect, the rules; and which failed."""
    command = (str(node), str(VARIANT), "--dialect", name, *options)
    implementation = ChildImplementation(command)
    try:
        dialect, able = Dialect.parse(name), implementation.hello.capabilities
        meant = [v for v in every() if dialect in v.dialects and able.issuperset(v.needs)]
        failed = set()
        for number, line in enumerate(implementation.run(requests(meant))):
            ops, expected = asked(meant[number])
            reply = parse_reply(line, number, len(ops))
            if reply.late or not agrees(expected, reply.trace):
                failed.add(meant[number].name)
    finally:
        implementation.close()
    return {vector.name: frozenset(vector.rules) for vector in meant}, frozenset(failed)


@pytest.mark.parametrize("name", DIALECTS)
def test_it_answers_as_the_specification_does(node: Path, name: str) -> None:
    ran, failed = run(node, name)
    assert len(ran) > 100
    assert not failed


def test_only_cancels_pushes_that_wait_and_limits_of_zero_are_left_out(node: Path) -> None:
    ran = {vector: rules for name in DIALECTS for vector, rules in run(node, name)[0].items()}
    assert {v.name for v in every() if v.name not in ran} == {
        v.name for v in every() if LACKS.intersection(v.needs) or all(map(pushes_wait, v.dialects))
    }
    left_out = {rule.name for rule in OF_THE_TABLE} - frozenset().union(*ran.values())
    reached = reduce(or_, (reachable_rules(Dialect.parse(name)) for name in DIALECTS))
    seen = bit_of(Rule.SEEN_1) | bit_of(Rule.SEEN_2)
    assert left_out == {rule.name for rule in OF_THE_TABLE if not (reached | seen) & bit_of(rule)}


def test_a_faulty_one_fails(node: Path) -> None:
    _, failed = run(node, "reference", "--fault", "queue_is_a_stack")
    assert failed
