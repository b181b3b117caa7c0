"""Every transition of a bounded instance, the extracted specification against the model.

The specification explores: from the initial state it tries every op of its alphabet in every state
that it reaches within the bounds, and prints what happened. The model follows and has to do the
same: rule, what is returned, settled and told, and the state after it.

    python -m tests.spec.compare EXTRACTED_PROGRAM

Needs the package and nothing else.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Dialect, Limits, Op, Rule, State, Step, advance, initial
from streamstate.wire import compact, encode_program, parse_op, read_json
from tests.spec.show import show_effects, show_state

LIMITS: Final = Limits(high_water_mark=3, max_queue_chunks=2)

DIALECTS: Final = (
    "reference",
    "plan-01",
    "isolate",
    "reference+errored_backlog=drop+push_when_full=refuse",
    "reference+overlapping_pull=refuse+error_when_closed=ignore+repeated_error=keep",
    "isolate+overlapping_pull=queue+push_when_full=refuse",
    "whatwg",
)
"""Points of the lattice at which every value of every field, and every rule, has its turn."""


class Bounds(NamedTuple):
    """How many streams and pulls are made at most, and how many pushes are accepted by streams
    that are still known. Ops that lead past a bound are compared too, but not followed."""

    streams: int
    pulls: int
    pushes: int


BOUNDS: Final = (Bounds(2, 1, 2), Bounds(1, 3, 2))

Advance: TypeAlias = Callable[[State, Op], Step]


class DifferenceError(AssertionError):
    """The specification and the model differ; the message shows the shortest program."""


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
        source, op, rule, effects, target, after = text.rstrip("\n").split("\t")
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
        taken = self.advance(self.states[line.source], op)
        self._same(line, "rule", line.rule, taken.rule.name)
        self._same(line, "effects", line.effects, show_effects(taken.effects))
        if line.after:
            self._same(line, "state", line.after, show_state(taken.state))
        elif taken.state != self.states[line.target]:
            known = show_state(self.states[line.target])
            self._same(line, "state", known, show_state(taken.state))
        if line.target == len(self.states):
            self.states.append(taken.state)
            self.paths.append((line.source, op))
        self.census.transitions += 1
        self.census.rules[line.rule] += 1

    def _op(self, text: str) -> Op:
        if text not in self.ops:
            self.ops[text] = parse_op(read_json(text))
        return self.ops[text]

    def _same(self, line: Line, what: str, specified: str, observed: str) -> None:
        if specified == observed:
            return
        program = [*self._path_to(line.source), self._op(line.op)]
        raise DifferenceError(
            f"in {self.dialect}, full at {LIMITS.high_water_mark} bytes or"
            f" {LIMITS.max_queue_chunks} chunks, after\n  {compact(encode_program(program))}\n"
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


def explored(program: Path, dialect: Dialect, bounds: Bounds) -> Iterator[str]:
    """The lines that the extracted program prints for one instance."""
    point = ",".join(getattr(dialect, one.name) for one in fields(dialect))
    sizes = (LIMITS.high_water_mark, LIMITS.max_queue_chunks, *bounds)
    command = [str(program), "explore", point, *map(str, sizes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield from process.stdout
    if process.returncode != 0:
        raise RuntimeError(f"{program} failed with status {process.returncode}")


def _instance(program: Path, name: str, bounds: Bounds) -> Census | str:
    dialect = Dialect.parse(name)
    try:
        return compare(explored(program, dialect, bounds), dialect)
    except DifferenceError as difference:
        return str(difference)


def main() -> int:
    program = Path(sys.argv[1])
    total = Census()
    with ProcessPoolExecutor() as pool:
        runs = [pool.submit(_instance, program, n, b) for n in DIALECTS for b in BOUNDS]
        for run in runs:
            result = run.result()
            if isinstance(result, str):
                pool.shutdown(cancel_futures=True)
                print(f"specification and model differ:\n{result}")
                return 1
            total.add(result)
    never = [rule.name for rule in Rule if not total.rules[rule.name]]
    if never or total.transitions == 0:
        print(f"{total.transitions} transitions compared; rules that never fired: {never}")
        return 1
    print(f"{total.transitions:,} transitions from {total.states:,} states, {len(Rule)} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
