"""Every op sequence up to a length, on two streams with tiny limits, model against registry.

Run as a program it prints how many sequences it ran, of which dialects, and which rules fired:

    python -m tests.agreement.exhaustive [DEPTH]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    PullId,
    Push,
    Rule,
    State,
    Step,
    advance,
    initial,
)
from tests.agreement.twin import (
    DisagreementError,
    Make,
    Twin,
    follow,
    make_registry,
    on_pulls,
)

LIMITS: Final = Limits(high_water_mark=3, max_queue_chunks=2)

DIALECTS: Final = tuple(
    Dialect.parse(name)
    for name in (
        "reference",
        "plan-01",
        "isolate",
        "reference+overlapping_pull=queue+errored_backlog=drop+push_when_full=refuse",
        "reference+overlapping_pull=refuse+error_when_closed=ignore+repeated_error=keep",
        "whatwg",
    )
)
"""Enough points of the lattice that every rule fires."""

ALPHABET: Final[tuple[Op, ...]] = (
    Push(1, b"a"),
    Push(1, b"bbb"),
    Push(2, b""),
    Pull(1),
    Pull(2),
    Close(1),
    Error(1, "x"),
    Error(1, "y"),
    Delete(1),
    Clear(),
    Create(),
    IsQueueFull(1),
)
"""Besides these: cancels and looks of the two latest pulls. Streams 1 and 2 exist at the start."""

ON_THE_UNKNOWN: Final[tuple[Op, ...]] = (
    Push(9, b"a"),
    Pull(9),
    Close(9),
    Error(9, "x"),
    Delete(9),
    IsQueueFull(9),
    Get(9),
    Get(1),
)
"""Ops that change nothing: tried last in each sequence, where one more op is as good as many."""

START: Final = (Create(), Create())


@dataclass(slots=True)
class Census:
    """How many sequences ran (each compared after its last op; prefixes are sequences too)."""

    sequences: int = 0
    rules: Counter[Rule] = field(default_factory=Counter)


Path: TypeAlias = list[tuple[Op, Step]]
"""Ops with the model's steps, so that running a sequence again need not ask the model again."""


class FailedError(AssertionError):
    """A program on which model and registry differ."""

    def __init__(self, dialect: Dialect, path: Path, why: DisagreementError) -> None:
        steps = "\n".join(f"  {number}. {op}" for number, (op, _) in enumerate(path, 1))
        super().__init__(f"in {dialect}, after\n{steps}\n{why}")
        self.ops = tuple(op for op, _ in path)


def run(dialect: Dialect, depth: int, make: Make = make_registry) -> Census:
    """Compare on every sequence up to `depth` ops. Raises `FailedError` at the first difference."""
    census = Census()
    start = begin(initial(dialect, LIMITS))
    for path in sequences(start, depth, census):
        replay(dialect, start, path, make)
    return census


def begin(state: State) -> Path:
    """The ops that every sequence begins with."""
    path: Path = []
    for op in START:
        path.append((op, advance(state, op)))
        state = path[-1][1].state
    return path


def replay(dialect: Dialect, start: Path, path: Path, make: Make = make_registry) -> None:
    """Run one sequence, comparing after its last op and then what every settled pull brought."""
    twin = Twin(dialect, LIMITS, make)
    last_op, last_step = path[-1]
    try:
        for op, step in start:
            twin.do(op, step, compare=False)
        for op, step in path[:-1]:
            twin.do(op, step, compare=False)
        twin.do(last_op, last_step)
        twin.look_at_the_rest()
    except DisagreementError as why:
        raise FailedError(dialect, path, why) from None


def sequences(start: Path, depth: int, census: Census) -> Iterator[Path]:
    """Every sequence of 1 … `depth` ops, depth first. The list is used again: do not keep it."""
    yield from _extended([], start[-1][1].state, (), depth, census)


def _extended(
    path: Path, state: State, loose: tuple[tuple[PullId, bool], ...], depth: int, census: Census
) -> Iterator[Path]:
    choices = (*ALPHABET, *on_pulls(loose))
    for op in choices if depth > 1 else (*choices, *ON_THE_UNKNOWN):
        step = advance(state, op)
        census.sequences += 1
        census.rules[step.rule] += 1
        path.append((op, step))
        yield path
        if depth > 1:
            after = follow(loose, op, step, state.next_pull)
            yield from _extended(path, step.state, after, depth - 1, census)
        path.pop()


def main() -> None:
    depth = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    fired: Counter[Rule] = Counter()
    for dialect in DIALECTS:
        began = time.perf_counter()
        census = run(dialect, depth)
        fired += census.rules
        seconds = time.perf_counter() - began
        print(f"{dialect}: {census.sequences:,} sequences of up to {depth} ops, {seconds:.1f} s")
    print(
        f"{len(fired)} of {len(Rule)} rules fired; never: {[r.name for r in Rule if not fired[r]]}"
    )


if __name__ == "__main__":
    main()
