"""The extracted specification against the model: the table, the actions, and bounded instances.

Every cell of the table is compared (`table`), and every op on every small queue (`queues`). Then
the specification explores: from the initial state it tries every op of its alphabet in every state
that it reaches within the bounds, and prints what happened. The model follows and has to do the
same: rule, what is returned, settled and told, and the state after it.

    python -m tests.spec.compare EXTRACTED_PROGRAM

Needs the package and nothing else.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import (
    OF_THE_TABLE,
    Dialect,
    Limits,
    Op,
    State,
    Step,
    advance,
    initial,
)
from streamstate.wire import compact, encode_program, parse_op, read_json
from tests.spec import queues
from tests.spec.extracted import DifferenceError, point, printed
from tests.spec.show import show_effects, show_state
from tests.spec.table import compare_tables

LIMITS: Final = Limits(high_water_mark=3, max_queue_chunks=2)

UNBUFFERED: Final = Limits(high_water_mark=3, max_queue_chunks=0)

DIALECTS: Final = (
    "reference",
    "plan-01",
    "isolate",
    "reference+errored_backlog=drop+push_when_full=refuse",
    "reference+overlapping_pull=refuse+error_when_closed=ignore+repeated_error=keep",
    "isolate+overlapping_pull=queue+push_when_full=refuse",
    "whatwg",
    "reference+push_when_full=wait",
    "whatwg+push_when_full=wait",
    "reference+push_when_full=wait_through_close",
)
"""Points of the lattice at which every value of every field, and every rule, has its turn."""


class Bounds(NamedTuple):
    """How many streams and pulls are made at most, and how many pushes are accepted by streams
    that are still known; two pushes come to wait where they do. Ops that lead past a bound are
    compared too, but not followed."""

    streams: int
    pulls: int
    pushes: int


Instance: TypeAlias = tuple[str, Bounds, Limits]

INSTANCES: Final[tuple[Instance, ...]] = (
    ("reference", Bounds(2, 2, 2), LIMITS),
    *((name, Bounds(1, 3, 3), LIMITS) for name in ("reference", "isolate+overlapping_pull=queue")),
    *((name, bounds, LIMITS) for bounds in (Bounds(2, 1, 2), Bounds(1, 3, 2)) for name in DIALECTS),
    *((name, Bounds(1, 3, 2), UNBUFFERED) for name in DIALECTS),
)
"""What is explored, the largest first: each dialect's share, and then as much as a minute holds.
Two pulls on two streams show what one stream has to do with another; three pulls and three pushes
on one, the order of pulls that wait and of chunks that come back."""

RULES: Final = {rule.name: rule for rule in OF_THE_TABLE}

Advance: TypeAlias = Callable[[State, Op], Step]


@dataclass(slots=True)
class Census:
    """What was compared."""

    transitions: int = 0
    states: int = 0
    rules: Counter[str] = field(default_factory=Counter)

    def add(self, other: Census) -> None:
        self.transitions += other.transitions
        self.states += other.states
        self.rules += other.rules


class Line(NamedTuple):
    """One line of the specification: a transition. Texts are in its JSON; `after` is empty where
    the state numbered `target` was printed before."""

    source: int
    op: str
    rule: str
    effects: str
    target: int
    after: str

    @classmethod
    def parse(cls, text: str) -> Line:
        source, op, rule, effects, target, after = text.split("\t")
        return cls(int(source), op, rule, effects, int(target), after)


class Follower:
    """The model, following the specification from state to state."""

    def __init__(self, dialect: Dialect, limits: Limits, advance: Advance) -> None:
        self.dialect = dialect
        self.advance = advance
        self.states = [initial(dialect, limits)]
        self.paths: list[tuple[int, Op] | None] = [None]
        self.ops: dict[str, Op] = {}
        self.census = Census()

    def follow(self, line: Line) -> None:
        """Do what the line says was done. Raises `DifferenceError` where it comes out otherwise."""
        op = self._op(line.op)
        rule, state, effects = self.advance(self.states[line.source], op)
        if rule is not RULES.get(line.rule):
            raise self._difference(line, "rule", line.rule, rule.name)
        shown = show_effects(effects)
        if shown != line.effects:
            raise self._difference(line, "effects", line.effects, shown)
        self._compare_states(line, state)
        if line.target == len(self.states):
            self.states.append(state)
            self.paths.append((line.source, op))
        self.census.transitions += 1
        self.census.rules[line.rule] += 1

    def _compare_states(self, line: Line, state: State) -> None:
        if not line.after and state == self.states[line.target]:
            return
        specified = line.after or show_state(self.states[line.target])
        observed = show_state(state)
        if specified != observed:
            raise self._difference(line, "state", specified, observed)

    def _op(self, text: str) -> Op:
        if text not in self.ops:
            self.ops[text] = parse_op(read_json(text))
        return self.ops[text]

    def _difference(self, line: Line, what: str, specified: str, observed: str) -> DifferenceError:
        program = [*self._path_to(line.source), self._op(line.op)]
        limits = self.states[0].limits
        return DifferenceError(
            f"in {self.dialect}, full at {limits.high_water_mark} bytes or"
            f" {limits.max_queue_chunks} chunks, after\n  {compact(encode_program(program))}\n"
            f"the specification takes {line.rule}, the {what} being\n  {specified}\n"
            f"and in the model\n  {observed}"
        )

    def _path_to(self, state: int) -> list[Op]:
        path: list[Op] = []
        step = self.paths[state]
        while step is not None:
            path.append(step[1])
            step = self.paths[step[0]]
        return path[::-1]


def compare(
    lines: Iterable[str], dialect: Dialect, limits: Limits = LIMITS, advance: Advance = advance
) -> Census:
    """Follow every line. Raises `DifferenceError` at the first difference."""
    follower = Follower(dialect, limits, advance)
    for line in lines:
        follower.follow(Line.parse(line))
    follower.census.states = len(follower.states)
    return follower.census


def explored(
    program: Path, dialect: Dialect, bounds: Bounds, limits: Limits = LIMITS
) -> Iterator[str]:
    """The lines that the extracted program prints for one instance."""
    sizes = (limits.high_water_mark, limits.max_queue_chunks)
    return printed(program, "explore", point(dialect), *sizes, *bounds)


def queued(program: Path, dialect: Dialect, limits: Limits = queues.LIMITS) -> Iterator[str]:
    """The lines that the extracted program prints for the queues in one dialect."""
    sizes = (limits.high_water_mark, limits.max_queue_chunks)
    return printed(program, "queues", point(dialect), *sizes)


@dataclass(slots=True)
class Total:
    """What all that was compared comes to."""

    cells: int = 0
    queues: queues.Census = field(default_factory=queues.Census)
    instances: Census = field(default_factory=Census)

    def report(self) -> tuple[bool, str]:
        """Whether enough was compared, and what to print."""
        of_queues, of_instances = self.queues.report(), report(self.instances)
        text = f"{self.cells:,} cells of the table\n{of_queues[1]}\n{of_instances[1]}"
        return self.cells == CELLS and of_queues[0] and of_instances[0], text


CELLS: Final = 288 * 15 * 22 * 4 * 2 * 2
"""Dialects, events, situations, levels, whether others wait, and the level of nothing."""

Result: TypeAlias = int | queues.Census | Census
Part: TypeAlias = Callable[[Path], Result]


def _table(program: Path) -> Result:
    return compare_tables(printed(program, "table"))


def _queues(name: str, limits: Limits, program: Path) -> Result:
    dialect = Dialect.parse(name)
    return queues.compare_queues(queued(program, dialect, limits), dialect, limits)


def _instance(instance: Instance, program: Path) -> Result:
    name, bounds, limits = instance
    dialect = Dialect.parse(name)
    return compare(explored(program, dialect, bounds, limits), dialect, limits)


PARTS: Final[tuple[Part, ...]] = (
    _table,
    *(partial(_queues, name, queues.LIMITS) for name in DIALECTS),
    *(partial(_queues, name, queues.UNBUFFERED) for name in DIALECTS[-2:]),
    *(partial(_instance, instance) for instance in INSTANCES),
)
"""What is compared, and in which order a difference is told: first what is quick and says most
about where to look, then the largest."""


def _result(program: Path, part: Part) -> Result | str:
    try:
        return part(program)
    except DifferenceError as difference:
        return f"specification and model differ:\n{difference}"


def report(total: Census) -> tuple[bool, str]:
    """Whether enough was compared, which is every rule at least once, and what to print."""
    never = [rule.name for rule in OF_THE_TABLE if not total.rules[rule.name]]
    if never:
        return False, f"{total.transitions:,} transitions; rules that never fired: {never}"
    states, rules = f"{total.states:,} states", f"{len(OF_THE_TABLE)} rules"
    return True, f"{total.transitions:,} transitions from {states}, {rules}"


def main() -> int:
    total = Total()
    with Pool() as pool:  # leaving it ends what still runs, so the first difference is the last
        for result in pool.imap(partial(_result, Path(sys.argv[1])), PARTS):
            match result:
                case str(difference):
                    print(difference)
                    return 1
                case int(cells):
                    total.cells += cells
                case queues.Census():
                    total.queues.add(result)
                case Census():
                    total.instances.add(result)
    enough, text = total.report()
    print(text)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
