"""Our machines and suites beside those of AALpy, which knows nothing of ours."""

from __future__ import annotations

from functools import cache
from itertools import product
from random import Random

import pytest
from aalpy.automata import MealyMachine  # type: ignore[import-untyped]
from aalpy.utils.ModelChecking import bisimilar  # type: ignore[import-untyped]

from streamstate.model import REFERENCE
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.complete import Abstraction, abstractions
from streamstate.oracle.suites.complete.abstraction import explore
from streamstate.oracle.suites.complete.catalogue import OVERLAPPING_PULLS
from streamstate.oracle.suites.complete.identify import identifiers
from streamstate.oracle.suites.complete.mealy import Edge, Inputs, Mealy, cover, minimise
from streamstate.oracle.suites.complete.words import Words

EVERY = abstractions({"get", "limits"})
UNDEFINED = "not defined"


@cache
def machines(abstraction: Abstraction) -> tuple[Mealy, Mealy]:
    """The whole machine, and the minimal one."""
    whole = explore(abstraction, CachedModel(REFERENCE, abstraction.limits))
    return whole, minimise(whole)


def theirs(machine: Mealy) -> MealyMachine:
    """The same as an AALpy machine. These have no undefined inputs: such a one stays where it is
    and says so."""
    setup = {
        state: {
            each: (UNDEFINED, state) if edge is None else (edge.output, edge.target)
            for each, edge in enumerate(row)
        }
        for state, row in enumerate(machine.rows)
    }
    return MealyMachine.from_state_setup(setup)


@pytest.mark.parametrize("abstraction", EVERY, ids=lambda each: each.name)
def test_the_minimal_machine_is_bisimilar_to_the_whole_one(abstraction: Abstraction) -> None:
    whole, reduced = machines(abstraction)
    assert bisimilar(theirs(whole), theirs(reduced))
    assert theirs(reduced).is_minimal()


@pytest.mark.parametrize("abstraction", EVERY, ids=lambda each: each.name)
def test_bisimilar_finds_one_wrong_answer(abstraction: Abstraction) -> None:
    whole, reduced = machines(abstraction)
    *rows, last = reduced.rows
    wrong = tuple(edge and Edge(f"{edge.output}, wrong", edge.target) for edge in last)
    assert not bisimilar(theirs(whole), theirs(Mealy((*rows, wrong))))


@pytest.mark.parametrize("abstraction", EVERY, ids=lambda each: each.name)
def test_their_characterisation_set_tells_no_more_states_apart(abstraction: Abstraction) -> None:
    """All states by theirs, in the minimal machine; so do all of our identifiers together."""
    _, reduced = machines(abstraction)
    machine = theirs(reduced)
    together = {each for words in identifiers(reduced) for each in words}
    for words in (machine.compute_characterization_set(), together):
        answers = {
            tuple(tuple(machine.compute_output_seq(state, list(word))) for word in sorted(words))
            for state in machine.states
        }
        assert len(answers) == len(reduced)


def test_their_W_suite_and_ours_kill_the_same_mutants_but_ours_is_smaller() -> None:
    reduced = _total(machines(OVERLAPPING_PULLS)[1])
    ours = tuple(Words(reduced, identifiers(reduced), 1))
    characterisation = theirs(reduced).compute_characterization_set()
    transitions = [(*access, each) for access in cover(reduced) for each in _inputs(reduced)]
    w_suite = [
        (*access, *middle, *word)
        for length in (0, 1)
        for middle in product(_inputs(reduced), repeat=length)
        for access in transitions
        for word in characterisation
    ]
    assert len(ours) < len(w_suite) / 2
    random = Random(5)
    outputs = sorted({edge.output for row in reduced.rows for edge in row if edge is not None})
    killed = 0
    for _ in range(300):
        mutant = _mutated(reduced, outputs, random)
        by_ours, by_theirs = (_kills(words, reduced, mutant) for words in (ours, w_suite))
        assert by_ours is by_theirs is not bisimilar(theirs(reduced), theirs(mutant))
        killed += by_ours
    assert 200 < killed < 300


def _inputs(machine: Mealy) -> range:
    return range(len(machine.rows[0]))


def _total(machine: Mealy) -> Mealy:
    return Mealy(
        tuple(
            tuple(edge or Edge(UNDEFINED, state) for edge in row)
            for state, row in enumerate(machine.rows)
        )
    )


def _mutated(machine: Mealy, outputs: list[str], random: Random) -> Mealy:
    """One more state, a copy, led to by some transition; and something else in some transition."""
    rows = [list(row) for row in machine.rows]
    rows.append(list(random.choice(rows)))
    for row in (random.choice(rows), rows[-1]):
        each = random.randrange(len(row))
        edge = row[each]
        assert edge is not None
        row[each] = Edge(random.choice((edge.output, *outputs)), random.randrange(len(rows)))
    return Mealy(tuple(map(tuple, rows)))


def _kills(words: tuple[Inputs, ...] | list[Inputs], machine: Mealy, mutant: Mealy) -> bool:
    return any(machine.run(0, word) != mutant.run(0, word) for word in words)
