"""Abstractions and what complete suites are made of: machines, covers, identifiers, programs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations, pairwise

import pytest

from streamstate.model import NAMED, REFERENCE, Create, Dialect, Error, Get, Pull, Push, lattice
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of, symbol
from streamstate.oracle.suites.complete import Abstraction, CompleteSuite, abstractions
from streamstate.oracle.suites.complete.abstraction import Speller, explore, written
from streamstate.oracle.suites.complete.catalogue import BYTES, OVERLAPPING_PULLS, TWO_STREAMS
from streamstate.oracle.suites.complete.identify import identifiers
from streamstate.oracle.suites.complete.mealy import Edge, Inputs, Mealy, cover, minimise
from streamstate.oracle.suites.complete.named_answers import named_answer
from streamstate.oracle.suites.complete.words import Words
from streamstate.wire import Json, trace

EVERY = abstractions({"get", "limits"})


@cache
def suite_of(abstraction: Abstraction, dialect: Dialect = REFERENCE) -> CompleteSuite:
    """With no extra states, which is enough to look at how a suite is made."""
    return CompleteSuite(abstraction, CachedModel(dialect), 0)


@cache
def raw(abstraction: Abstraction) -> Mealy:
    return explore(abstraction, CachedModel(REFERENCE, abstraction.limits))


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("one stream, shown", 18),
        ("two streams, shown", 40),
        ("small limits", 17),
        ("overlapping pulls", 9),
        ("one stream after another", 49),
        ("two streams", 49),
        ("three streams", 64),
        ("counts at the limit", 40),
        ("bytes at the limit", 16),
    ],
)
def test_a_minimal_machine_has_so_many_states(name: str, states: int) -> None:
    assert [len(suite_of(each).reduced) for each in EVERY if each.name == name] == [states]


@pytest.mark.parametrize("abstraction", EVERY, ids=lambda each: each.name)
def test_the_minimal_machine_answers_as_the_whole_one(abstraction: Abstraction) -> None:
    whole, reduced = raw(abstraction), suite_of(abstraction).reduced
    assert len(reduced) <= len(whole)
    for inputs in suite_of(abstraction).words:
        assert whole.run(0, inputs) == reduced.run(0, inputs) is not None


def test_a_machine_that_is_not_minimal_has_states_that_cannot_be_told_apart() -> None:
    assert len(raw(OVERLAPPING_PULLS)) > len(suite_of(OVERLAPPING_PULLS).reduced)
    with pytest.raises(ValueError, match="cannot be told apart"):
        identifiers(raw(OVERLAPPING_PULLS))


def test_a_state_that_no_word_leads_to_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 states cannot be reached"):
        cover(Mealy(((Edge("a", 0),), (Edge("b", 0),))))


@pytest.mark.parametrize("abstraction", EVERY, ids=lambda each: each.name)
def test_any_two_states_have_a_word_in_common_that_tells_them_apart(
    abstraction: Abstraction,
) -> None:
    machine = suite_of(abstraction).reduced
    beginnings = [_beginnings(words) for words in identifiers(machine)]
    for first, second in combinations(range(len(machine)), 2):
        assert any(
            machine.run(first, each) != machine.run(second, each)
            for each in beginnings[first] & beginnings[second]
        )
        for each in beginnings[first]:
            assert machine.run(first, each) is not None


def _beginnings(words: tuple[Inputs, ...]) -> set[Inputs]:
    return {each[:length] for each in words for length in range(1, len(each) + 1)}


def after(machine: Mealy, inputs: Inputs) -> int:
    state = 0
    for each in inputs:
        edge = machine.rows[state][each]
        assert edge is not None
        state = edge.target
    return state


def defined_from(machine: Mealy, state: int, most: int) -> Iterator[tuple[Inputs, int]]:
    """Every word of at most `most` inputs that is defined there, with the state it leads to."""
    yield (), state
    for each, edge in enumerate(machine.rows[state] if most else ()):
        if edge is not None:
            for rest, reached in defined_from(machine, edge.target, most - 1):
                yield (each, *rest), reached


@pytest.mark.parametrize("extra_states", [0, 1])
def test_a_suite_reaches_all_does_all_and_asks_everywhere(extra_states: int) -> None:
    machine = suite_of(OVERLAPPING_PULLS).reduced
    asked = identifiers(machine)
    words = list(Words(machine, asked, extra_states))
    assert words == sorted(set(words))
    begun, wanted = _beginnings(tuple(words)), set[Inputs]()
    for state, access in enumerate(cover(machine)):
        for middle, reached in defined_from(machine, state, extra_states + 1):
            assert after(machine, access + middle) == reached
            wanted |= {access + middle + each for each in asked[reached]}
    assert set(words) <= wanted <= begun
    assert not any(one == other[: len(one)] for one, other in pairwise(words))


@pytest.mark.parametrize("extra_states", [0, 1])
def test_words_are_counted_and_passed_over_without_being_made(extra_states: int) -> None:
    machine = suite_of(OVERLAPPING_PULLS).reduced
    suite = Words(machine, identifiers(machine), extra_states)
    words = list(suite)
    assert suite.size == (len(words), sum(map(len, words)))
    for step in (1, 2, 7, len(words)):
        parts = [list(suite.part(first, step)) for first in range(step)[:9]]
        assert parts == [words[first::step] for first in range(step)[:9]]


def test_a_billion_words_are_counted_and_begun() -> None:
    machine = suite_of(TWO_STREAMS).reduced
    suite = Words(machine, identifiers(machine), 6)
    assert suite.size.words > 10**9
    ahead, behind = (next(suite.part(suite.size.words - each, 1)) for each in (2, 1))
    assert ahead < behind


def test_nothing_is_asked_of_a_machine_without_inputs() -> None:
    suite = Words(Mealy(((),)), ((),), 2)
    assert (list(suite), suite.size) == ([], (0, 0))


def test_programs_have_contents_of_their_own_and_streams_counted_from_the_newest() -> None:
    inputs = tuple(map(TWO_STREAMS.inputs.index, (Push(1, b"\0"), Push(2, b"\0"), Pull(2))))
    program = Speller(TWO_STREAMS, CachedModel(REFERENCE)).program(
        (*inputs, TWO_STREAMS.inputs.index(Error(1, "")))
    )
    assert program == program_of(
        (Create(), Create(), Push(2, b"\x01"), Push(1, b"\x02"), Pull(1), Error(2, "e3"))
    )


@pytest.mark.parametrize("name", NAMED)
def test_where_named_answers_differ_so_do_the_answers_themselves(name: str) -> None:
    """So whoever passes the programs passes in the abstraction: names are made of what is there."""
    machine = CachedModel(NAMED[name])
    node = machine.root
    for op in (Create(), Create(), Push(1, b"\x01"), Pull(2), Push(1, b"\x02"), Error(1, "e")):
        node = machine.link(node, symbol(op)).target
    said: tuple[Json, ...] = (
        [None, [[1, "value", "AQ=="]]],
        [None, [[1, "value", "Ag=="]]],
        [None, [[2, "done"]]],
    )
    again: tuple[Json, ...] = (
        [None, [[2, "error", "e"]]],
        [None, [[2, "error", "f"]]],
        [3, []],
        [4, []],
        [True, []],
    )
    named = [named_answer(node, symbol(Pull(1)), each) for each in (*said, *again)]
    assert len(set(named)) == len(named)


def test_what_is_expected_of_a_program_is_what_the_model_answers_in_the_abstraction() -> None:
    for abstraction in EVERY:
        suite = suite_of(abstraction)
        machine = CachedModel(REFERENCE, abstraction.limits)
        for inputs, program in list(zip(suite.words, suite.programs(), strict=True))[::37]:
            ops = tuple(each.op for each in program)
            answers = trace(ops, REFERENCE, abstraction.limits)
            assert machine.expect(program).text == f"[{','.join(each.text for each in answers)}]"
            node = machine.root
            named = []
            for each in program:
                link = machine.link(node, each)
                named.append(named_answer(node, each, link.json))
                node = link.target
            assert tuple(named[len(abstraction.setup) :]) == suite.reduced.run(0, inputs)


@pytest.mark.parametrize("dialect", [*NAMED.values(), lattice()[-1]], ids=str)
def test_every_abstraction_has_a_suite_in_other_dialects_too(dialect: Dialect) -> None:
    sizes = [len(suite_of(abstraction, dialect).words) for abstraction in EVERY]
    assert min(sizes) > 30


def test_dialects_have_suites_of_their_own() -> None:
    suites = {suite_of(OVERLAPPING_PULLS, each).reduced for each in NAMED.values()}
    assert len(suites) == len(NAMED)


def test_few_programs_push_64_kib() -> None:
    programs = list(suite_of(BYTES).programs())
    big = [each for program in programs for each in program if len(each.text) > 1000]
    assert 50 < len(big) < 200


def test_bounds_are_kept_and_reached() -> None:
    machine = CachedModel(REFERENCE)
    deepest = 0
    for program in suite_of(OVERLAPPING_PULLS).programs():
        node = machine.root
        for each in program:
            node = machine.link(node, each).target
            state = machine.state(node)
            deepest = max([deepest, *(len(getattr(one, "queue", ())) for _, one in state.streams)])
    assert deepest == OVERLAPPING_PULLS.most_chunks


def test_an_input_that_no_wire_has_is_an_error() -> None:
    assert written(Get(1), 1, 5) is symbol(Get(4))
    with pytest.raises(ValueError, match="extra_states must be at least 0, not -1"):
        CompleteSuite(TWO_STREAMS, CachedModel(REFERENCE), -1)


def test_minimising_merges_what_answers_alike() -> None:
    twice = Mealy(
        ((Edge("a", 1), Edge("x", 2)), (Edge("a", 0), Edge("x", 2)), (None, Edge("y", 0)))
    )
    assert minimise(twice) == Mealy(((Edge("a", 0), Edge("x", 1)), (None, Edge("y", 0))))
