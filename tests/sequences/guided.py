"""What coverage-guided generation takes of the pairs and triples of rules: Hypothesis, which is
told of each program how many it takes that none did before, beside Hypothesis without a target and
the plan's own random programs.

python -m tests.sequences.guided
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from time import process_time

from hypothesis import HealthCheck, Phase, given, seed, settings, target
from hypothesis import strategies as st

from streamstate.model import REFERENCE, Op
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.building import CLEAR, CREATE, FULL, ONE, TWO, On
from streamstate.oracle.suites.plan import default_plan
from tests.sequences.possible import Sequences, possible
from tests.sequences.taken import taken

_SEARCHED = ("one stream", "sequences", "side by side")
_PROGRAMS = 2_000
_OPS = 40


def _ops_on(on: On) -> tuple[Op, ...]:
    few = (on.push(b"a"), on.push(FULL), on.pull, on.close, on.error())
    return (*few, on.is_full, on.delete, on.get)


_CHOICES: list[Op] = [CREATE, CLEAR]
_CHOICES += [*_ops_on(ONE), *_ops_on(TWO)]
_ANY = st.lists(st.sampled_from(_CHOICES), max_size=_OPS)


def _by_hypothesis(*, guided: bool) -> list[Program]:
    programs: list[Program] = []
    found = Sequences()

    @seed(1)
    @settings(
        max_examples=_PROGRAMS,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    @given(_ANY)
    def run(ops: list[Op]) -> None:
        program = program_of((CREATE, *ops))
        programs.append(program)
        if guided:
            new = _taken([program])
            target(float(len(new.triples - found.triples) + len(new.in_a_row - found.in_a_row)))
            found.triples.update(new.triples)
            found.in_a_row.update(new.in_a_row)

    run()
    return programs


def _taken(programs: Iterable[Program]) -> Sequences:
    return taken(REFERENCE, (Request(at, each) for at, each in enumerate(programs)))


def _of_the_plan(*names: str) -> list[Program]:
    planned = default_plan(CachedModel(REFERENCE), {"get"})
    return [program for suite in planned if suite.name in names for program in suite.programs]


def main() -> int:
    can_be = possible(REFERENCE)
    print("| made by | programs | ops | CPU | triples on one stream | pairs in a row |")
    print("| --- | --- | --- | --- | --- | --- |")
    ways: dict[str, Callable[[], list[Program]]] = {
        "Hypothesis, with the target": lambda: _by_hypothesis(guided=True),
        "Hypothesis, without a target": lambda: _by_hypothesis(guided=False),
        "the plan's random programs": lambda: _of_the_plan("random"),
        "search on the model": lambda: _of_the_plan(*_SEARCHED),
    }
    for name, make in ways.items():
        begun = process_time()
        programs = make()
        spent = process_time() - begun
        found = _taken(programs)
        triples, pairs = len(found.triples & can_be.triples), len(found.in_a_row & can_be.in_a_row)
        ops = sum(map(len, programs))
        print(f"| {name} | {len(programs):,} | {ops:,} | {spent:.1f} s | {triples:,} | {pairs:,} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
