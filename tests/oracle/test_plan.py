"""The plan: large enough, the same every time, and it fires every rule there is to fire."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice, product
from pathlib import Path

import pytest

from streamstate.model import (
    NAMED,
    REFERENCE,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    IsQueueFull,
    Op,
    Pull,
    Push,
    lattice,
)
from streamstate.oracle.adapters.implementation import CAPABILITIES, Request
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import Program, program_of, symbol
from streamstate.oracle.programs.rulesets import RULES, bit_of, differing_rules, reachable_rules
from streamstate.oracle.suites.extent import extent, of_spelt
from streamstate.oracle.suites.other_limits import OTHER_LIMITS
from streamstate.oracle.suites.plan import RANDOM_PROGRAMS, Suite, default_plan, requests
from streamstate.oracle.suites.random_walks import random_walks
from streamstate.oracle.suites.structured import structured_programs
from streamstate.oracle.verdict.verdict import WHOLE, Shard
from streamstate.wire import trace

EVERYTHING = frozenset({"get", "limits"})


@cache
def whole() -> tuple[Request, ...]:
    """The plan for an implementation that offers everything."""
    return tuple(requests(default_plan(CachedModel(REFERENCE), EVERYTHING)))


@cache
def black_box() -> tuple[Request, ...]:
    """The plan for one that offers nothing, without its random programs."""
    return tuple(not_random())


def not_random() -> Iterator[Request]:
    return requests(
        suite for suite in default_plan(CachedModel(REFERENCE)) if suite.name != "random"
    )


def test_the_default_plan_has_20_000_programs() -> None:
    assert len(whole()) > len(black_box()) + RANDOM_PROGRAMS >= 20_000
    assert [request.seq for request in whole()] == list(range(1, len(whole()) + 1))


def test_the_plan_is_always_the_same() -> None:
    """The random programs have a test of their own."""
    assert black_box() == tuple(not_random())


def test_few_programs_come_twice() -> None:
    """Suites of different kinds share short programs; within one nothing is repeated."""
    plan = whole()
    assert len({(each.family, each.program, each.limits) for each in plan}) > len(plan) - 20
    assert len({(each.program, each.limits) for each in plan}) > len(plan) * 0.95


def test_structured_programs_come_first_then_short_ones_complete_suites_and_random_ones() -> None:
    families = list(dict.fromkeys(request.family for request in whole()))
    shaped = ["structured", "byte counts", "chunk counts", "interference"]
    assert set(families[: len(shaped)]) == set(shaped)
    complete = [name for name in families if name.startswith("complete: ")]
    short = ["one stream, watched", "two streams, watched", "one stream", "nothing made yet"]
    whole_lives = ["lifecycles", "lifecycles, watched"]
    far_out = ["sums", "high numbers", "rings", "volume", "many lives"]
    short += ["sequences", "side by side", "one stream, small limits"]
    short += [each.name for each in OTHER_LIMITS]
    assert families[len(shaped) :] == [*short, *whole_lives, *far_out, *complete, "random"]
    assert len(complete) == 9
    for names in (shaped, *([name] for name in (*whole_lives, *far_out))):
        sizes = [len(each.program) for each in whole() if each.family in names]
        assert sizes == sorted(sizes)


@pytest.mark.parametrize("capabilities", [(), ("get", "fill", "limits")])
def test_every_program_is_in_one_shard_under_its_number(capabilities: tuple[str, ...]) -> None:
    """Though a shard makes no programs of complete suites but its own."""

    def lines(shard: Shard) -> list[bytes]:
        planned = default_plan(CachedModel(REFERENCE), capabilities)
        few = (each for each in planned if each.complete or each.name in _FEW)
        return [each.line() for each in requests(few, shard)]

    shards = [lines(Shard(number, 3)) for number in (1, 2, 3)]
    whole = lines(WHOLE)
    assert all(shard == whole[at::3] for at, shard in enumerate(shards))


@pytest.mark.thorough
def test_a_plan_is_counted_without_making_its_complete_suites() -> None:
    def planned() -> Iterator[Suite]:
        every = default_plan(CachedModel(REFERENCE), ("get", "fill", "limits"))
        return (each for each in every if each.complete or each.name in _FEW)

    counted, whole = extent(planned(), 3), tuple(requests(planned()))
    assert counted.programs == len(whole)
    assert counted.ops == sum(len(each.program) for each in whole)
    for number, part in enumerate(counted.shards, start=1):
        assert part == Counter(each.family for each in requests(planned(), Shard(number, 3)))


_FEW = ("nothing made yet", "byte counts", "chunk counts")


def test_the_page_on_suites_has_the_name_of_each() -> None:
    page = (Path(__file__).parents[2] / "docs/explanation/05-complete-suites.md").read_text("utf-8")
    suites = {suite.name for suite in default_plan(CachedModel(REFERENCE), {"get", "cancel"})}
    names = {name.removesuffix(", watched") for name in suites if not name.startswith("complete")}
    assert [name for name in sorted(names) if name not in page] == []


def test_the_first_programs_are_there_before_the_others_are_made() -> None:
    machine = CachedModel(REFERENCE)
    first = list(islice(requests(tuple(default_plan(machine, {"get"}))), 10))
    assert [request.seq for request in first] == list(range(1, 11))
    assert not machine.root.links


def test_every_program_of_four_ops_on_a_new_stream_is_there() -> None:
    family = [each.program for each in black_box() if each.family == "one stream"]
    alphabets = [{program[place] for program in family} for place in range(1, 5)]
    kinds = {Push, Pull, Close, Error, IsQueueFull, Delete, Clear}
    for alphabet in alphabets:
        assert {type(each.op) for each in alphabet} == kinds
        assert sum(isinstance(each.op, Push) for each in alphabet) == 2  # one is empty
    assert {program[1:5] for program in family} == set(product(*alphabets))
    assert {program[0] for program in family} == {symbol(Create())}


@pytest.mark.parametrize("of", [1, 3, 8])
def test_shards_cover_the_plan_and_do_not_overlap(of: int) -> None:
    def part(number: int) -> list[Request]:
        return list(requests(islice(default_plan(CachedModel(REFERENCE)), 4), Shard(number, of)))

    parts = [part(number) for number in range(1, of + 1)]
    together = sorted((each for part in parts for each in part), key=lambda each: each.seq)
    assert together == list(requests(islice(default_plan(CachedModel(REFERENCE)), 4)))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert part(1) == parts[0]


@pytest.mark.parametrize(("text", "shard"), [("1/1", Shard(1, 1)), ("3/8", Shard(3, 8))])
def test_a_shard_is_written_I_of_N(text: str, shard: Shard) -> None:
    assert Shard.parse(text) == shard


@pytest.mark.parametrize("text", ["", "3", "0/4", "5/4", "1/0", "a/b", "-1/3", "1/2/3"])
def test_what_is_no_shard_is_an_error_that_says_what_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a shard; expected I/N with 1 ≤ I ≤ N"):
        Shard.parse(text)


def test_another_seed_gives_other_random_programs() -> None:
    walks = [list(random_walks(seed, 60, get=True)) for seed in (1, 2, 1)]
    assert walks[0] == walks[2] != walks[1]
    assert len(set(walks[0] + walks[1])) > 115


def shows(program: Program, *ops: Op) -> bool:
    """Whether those ops come in that order, others between them or not."""
    rest = iter(program)
    return all(any(each is symbol(op) for each in rest) for op in ops)


@pytest.mark.parametrize("number", [0, 3, 5, 9, 17, 33, 257, 2**16 + 1, 2**30 + 1, 2**31 - 1])
def test_numbers_are_probed_while_nobody_knows_them(number: int) -> None:
    probes = Push(number, b"?"), Pull(number)
    assert any(
        shows(program, Create(), *probes) and program.count(symbol(Create())) <= 3
        for program in map(program_of, structured_programs())
    )


def test_what_no_complete_suite_reaches_is_in_the_structured_programs() -> None:
    programs = [tuple(program) for program in structured_programs()]
    for count in (17, 33, 34):
        in_and_out = [Create(), *[Push] * count, *[Pull] * count]
        kinds = [[Create(), *(type(op) for op in each[1 : 2 * count + 1])] for each in programs]
        assert in_and_out in kinds
    assert any(each.count(Create()) == 257 and len(each) > 257 for each in programs)
    chunks = {op.chunk for each in programs for op in each if isinstance(op, Push)}
    assert {b"", b"\0", b"\xff", bytes(range(256))} <= chunks
    assert max(map(len, chunks)) > 65_536
    handed = [each for each in programs if each[:2] == (Create(), Pull(1))]
    assert any(isinstance(op, Push) and len(op.chunk) == 65_536 for e in handed for op in e[2:3])


@pytest.mark.parametrize("dialect", [*NAMED.values(), *lattice()[5::60]], ids=str)
def test_every_rule_that_can_fire_does(dialect: Dialect) -> None:
    machines = CachedModels()
    to_fire = reachable_rules(dialect)
    plan = default_plan(CachedModel(dialect), {"get"})
    for request in requests(plan):
        machine = machines.of(dialect, request.limits)
        to_fire &= ~machine.expect(request.program).rules
        if not to_fire:
            return
    assert [rule.name for rule in RULES if to_fire & bit_of(rule)] == []


@pytest.mark.parametrize("name", NAMED)
def test_a_machine_expects_what_the_model_answers(name: str) -> None:
    dialect = NAMED[name]
    machine = CachedModel(dialect)
    walks = random_walks(1, 30, get=True)
    for program in (*map(program_of, islice(structured_programs(), 0, None, 3)), *walks):
        expected = machine.expect(program)
        answers = trace((each.op for each in program), dialect)
        assert expected.text == f"[{','.join(answered.text for answered in answers)}]"
        assert [link.rule for link in expected.links] == [answered.rule for answered in answers]
        assert [link.json for link in expected.links] == [answered.json for answered in answers]
        assert machine.state(expected.links[-1].target) == answers[-1].state


def test_a_program_that_fires_no_differing_rule_means_the_same() -> None:
    others = [dialect for dialect in lattice() if len(dialect.difference(REFERENCE)) == 1]
    assert len(others) == 11
    machines = CachedModels()
    spared = dict.fromkeys(others, 0)
    for program in map(program_of, islice(structured_programs(), 0, None, 2)):
        if len(program) > 60:
            continue  # the long ones cost much and add nothing here
        expected = machines.of(REFERENCE).expect(program)
        for other in others:
            if not expected.rules & differing_rules(REFERENCE, other):
                assert machines.of(other).expect(program).text == expected.text
                spared[other] += 1
    assert min(spared.values()) > 10


@pytest.mark.thorough
def test_the_page_on_clusters_says_how_large_plans_are() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/use-a-cluster.md").read_text("utf-8")
    offered = re.search(r"offers\s((?:`\w+`(?:,\s|\sand\s)?)+):", page)
    assert offered is not None
    capabilities = re.findall(r"`(\w+)`", offered[1])
    assert set(capabilities) <= CAPABILITIES
    for extra in range(4):
        planned = default_plan(CachedModel(REFERENCE), capabilities, extra_states=extra)
        sizes = [size for each in planned if (size := of_spelt(each)) is not None]
        programs, ops = (sum(column) for column in zip(*sizes, strict=True))
        assert f"| {extra} | {programs:,} | {ops:,} |" in page
