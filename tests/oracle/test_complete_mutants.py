"""The claim itself: no wrong machine with up to n + K states gets past a complete suite, while a
suite that leaves something out lets some through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from random import Random

import pytest

from streamstate.model import NAMED, REFERENCE, Dialect
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.complete.abstraction import Abstraction, explore
from streamstate.oracle.suites.complete.catalogue import (
    CHUNK_COUNTS,
    OVERLAPPING_PULLS,
    TWO_STREAMS,
)
from streamstate.oracle.suites.complete.identify import identifiers
from streamstate.oracle.suites.complete.mealy import Edge, Inputs, Mealy, cover, minimise
from streamstate.oracle.suites.complete.words import Words

Row = tuple[Edge | None, ...]


@cache
def reduced(abstraction: Abstraction, dialect: Dialect = REFERENCE) -> Mealy:
    return minimise(explore(abstraction, CachedModel(dialect, abstraction.limits)))


@cache
def suite(
    abstraction: Abstraction, extra_states: int, dialect: Dialect = REFERENCE
) -> tuple[Inputs, ...]:
    machine = reduced(abstraction, dialect)
    return tuple(Words(machine, identifiers(machine), extra_states))


def equivalent(machine: Mealy, other: Mealy) -> bool:
    """Whether `other` answers as `machine` does wherever that is defined: a walk over pairs."""
    met = {(0, 0)}
    to_visit = [(0, 0)]
    while to_visit:
        state, theirs = to_visit.pop()
        for edge, their_edge in zip(machine.rows[state], other.rows[theirs], strict=True):
            if edge is None:
                continue
            if their_edge is None or their_edge.output != edge.output:
                return False
            pair = (edge.target, their_edge.target)
            if pair not in met:
                met.add(pair)
                to_visit.append(pair)
    return True


def kills(words: Iterable[Inputs], machine: Mealy, mutant: Mealy) -> bool:
    return any(machine.run(0, word) != mutant.run(0, word) for word in words)


def survivors(words: Iterable[Inputs], machine: Mealy, mutants: Iterable[Mealy]) -> tuple[int, int]:
    """How many wrong mutants there are, and how many of them get past `words`."""
    programs = tuple(words)
    wrong = [mutant for mutant in mutants if not equivalent(machine, mutant)]
    return len(wrong), sum(not kills(programs, machine, mutant) for mutant in wrong)


def outputs_of(machine: Mealy) -> list[str]:
    return sorted({edge.output for row in machine.rows for edge in row if edge is not None})


def completed(machine: Mealy, random: Random) -> Mealy:
    """With something, whatever it is, where nothing is said."""
    outputs = outputs_of(machine)
    return Mealy(
        tuple(
            tuple(edge or _any_edge(random, outputs, len(machine)) for edge in row)
            for row in machine.rows
        )
    )


def _any_edge(random: Random, outputs: list[str], states: int) -> Edge:
    return Edge(random.choice(outputs), random.randrange(states))


def with_edge(machine: Mealy, state: int, each: int, edge: Edge) -> Mealy:
    rows = list(machine.rows)
    rows[state] = (*rows[state][:each], edge, *rows[state][each + 1 :])
    return Mealy(tuple(rows))


def single_faults(machine: Mealy) -> Iterator[Mealy]:
    """Every machine that differs in the output or in the target of one transition."""
    whole = completed(machine, Random(1))
    outputs = outputs_of(machine)
    for state, row in enumerate(machine.rows):
        for each, edge in enumerate(row):
            if edge is None:
                continue
            for output in outputs:
                yield with_edge(whole, state, each, Edge(output, edge.target))
            for target in range(len(machine)):
                yield with_edge(whole, state, each, Edge(edge.output, target))


def grown(machine: Mealy, extra_states: int, random: Random) -> Mealy:
    """With copies of states put in the way, one after another, and a fault or two in the copies:
    what is wrong shows only after as many steps as there are copies."""
    whole = completed(machine, random)
    outputs = outputs_of(machine)
    rows: list[Row] = list(whole.rows)
    entry = random.randrange(len(machine)), random.randrange(len(machine.rows[0]))
    for _ in range(extra_states):
        state, each = entry
        edge = rows[state][each]
        assert edge is not None
        rows.append(rows[edge.target])
        copy = len(rows) - 1
        rows[state] = _replaced(rows[state], each, Edge(edge.output, copy))
        entry = copy, random.randrange(len(rows[copy]))
    for _ in range(random.choice((1, 1, 2))):
        state, each = random.choice((entry, (len(rows) - 1, random.randrange(len(rows[0])))))
        edge = rows[state][each]
        assert edge is not None
        wrong = _any_edge(random, outputs, len(rows))
        kept = random.choice((Edge(edge.output, wrong.target), Edge(wrong.output, edge.target)))
        rows[state] = _replaced(rows[state], each, kept)
    return Mealy(tuple(rows))


def _replaced(row: Row, each: int, edge: Edge) -> Row:
    return (*row[:each], edge, *row[each + 1 :])


def any_machine(machine: Mealy, states: int, random: Random) -> Mealy:
    """A machine that has nothing to do with the reference but its outputs, input by input."""
    by_input = [
        sorted({row[each].output for row in machine.rows if row[each] is not None})  # type: ignore[union-attr]
        for each in range(len(machine.rows[0]))
    ]
    return Mealy(
        tuple(
            tuple(_any_edge(random, outputs, states) for outputs in by_input) for _ in range(states)
        )
    )


@pytest.mark.parametrize("name", NAMED)
def test_no_single_fault_gets_past(name: str) -> None:
    machine = reduced(OVERLAPPING_PULLS, NAMED[name])
    words = suite(OVERLAPPING_PULLS, 0, NAMED[name])
    wrong, past = survivors(words, machine, single_faults(machine))
    assert wrong > 500
    assert past == 0


@pytest.mark.parametrize("abstraction", [TWO_STREAMS, CHUNK_COUNTS], ids=lambda each: each.name)
def test_no_single_fault_gets_past_in_larger_machines(abstraction: Abstraction) -> None:
    machine = reduced(abstraction)
    mutants = [*single_faults(machine)][::397]
    wrong, past = survivors(suite(abstraction, 0), machine, mutants)
    assert wrong > 20
    assert past == 0


@pytest.mark.parametrize(("extra_states", "count"), [(1, 600), (2, 200)])
def test_no_fault_in_so_many_extra_states_gets_past(extra_states: int, count: int) -> None:
    machine = reduced(OVERLAPPING_PULLS)
    random = Random(extra_states)
    mutants = [grown(machine, extra_states, random) for _ in range(count)]
    assert {len(mutant) for mutant in mutants} == {len(machine) + extra_states}
    wrong, past = survivors(suite(OVERLAPPING_PULLS, extra_states), machine, mutants)
    assert wrong > count / 2
    assert past == 0


def test_no_machine_of_any_other_making_gets_past() -> None:
    machine = reduced(OVERLAPPING_PULLS)
    random = Random(3)
    sizes = range(1, len(machine) + 2)
    mutants = [any_machine(machine, states, random) for states in sizes for _ in range(50)]
    wrong, past = survivors(suite(OVERLAPPING_PULLS, 1), machine, mutants)
    assert wrong == len(mutants)
    assert past == 0


def test_a_correct_machine_with_more_states_gets_past() -> None:
    """Nothing is killed that should live, states being there twice or not."""
    machine = reduced(OVERLAPPING_PULLS)
    whole = completed(machine, Random(4))
    half = len(machine)
    doubled = Mealy(
        whole.rows
        + tuple(
            tuple(edge and Edge(edge.output, edge.target + half) for edge in row)
            for row in whole.rows
        )
    )
    crossed = with_edge(doubled, 0, 0, _crossing(doubled, half))
    assert equivalent(machine, crossed)
    assert not kills(suite(OVERLAPPING_PULLS, 2), machine, crossed)


def _crossing(machine: Mealy, half: int) -> Edge:
    edge = machine.rows[0][0]
    assert edge is not None
    return Edge(edge.output, edge.target + half)


def without_identifiers(machine: Mealy) -> Iterator[Inputs]:
    yield from Words(machine, ((),) * len(machine), 0)


def with_one_identifier_each(machine: Mealy) -> Iterator[Inputs]:
    yield from Words(machine, tuple(words[:1] for words in identifiers(machine)), 0)


def without_the_cover(machine: Mealy) -> Iterator[Inputs]:
    asked = identifiers(machine)
    yield from asked[0]
    for first, edge in enumerate(machine.rows[0]):
        if edge is not None:
            yield from ((first, *each) for each in asked[edge.target])


def without_transitions(machine: Mealy) -> Iterator[Inputs]:
    asked = identifiers(machine)
    for state, access in enumerate(cover(machine)):
        yield from (access + each for each in asked[state])


@pytest.mark.parametrize(
    "incomplete",
    [without_identifiers, with_one_identifier_each, without_the_cover, without_transitions],
)
def test_a_suite_that_leaves_something_out_lets_faults_past(
    incomplete: Callable[[Mealy], Iterator[Inputs]],
) -> None:
    machine = reduced(OVERLAPPING_PULLS)
    wrong, past = survivors(incomplete(machine), machine, single_faults(machine))
    assert 0 < past < wrong


@pytest.mark.parametrize(("extra_states", "count"), [(1, 400), (2, 200)])
def test_a_suite_for_fewer_extra_states_lets_faults_past(extra_states: int, count: int) -> None:
    machine = reduced(OVERLAPPING_PULLS)
    random = Random(extra_states)
    mutants = [grown(machine, extra_states, random) for _ in range(count)]
    _, past = survivors(suite(OVERLAPPING_PULLS, extra_states - 1), machine, mutants)
    assert past > 0


def test_all_machines_of_two_states_are_told_from_a_machine_of_two_states() -> None:
    """Small enough for every one of them; of those with a third state, for every eleventh."""
    machine = Mealy(((Edge("0", 1), Edge("0", 0)), (Edge("1", 0), Edge("0", 1))))
    asked = identifiers(machine)
    for extra_states in (0, 1):
        words = tuple(Words(machine, asked, extra_states))
        states = len(machine) + extra_states
        edges = [Edge(output, target) for output in "01" for target in range(states)]
        chosen = product(edges, repeat=2 * states)
        some = list(chosen)[:: 1 if extra_states == 0 else 11]
        mutants = [Mealy(tuple(zip(each[::2], each[1::2], strict=True))) for each in some]
        wrong, past = survivors(words, machine, mutants)
        assert wrong > len(mutants) / 2
        assert past == 0
