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
    OF_THE_TABLE,
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
from tests.agreement.loose import follow, on_pulls, on_pushes
from tests.agreement.twin import (
    DisagreementError,
    Make,
    Twin,
    make_registry,
)

LIMITS: Final = Limits(high_water_mark=3, max_queue_chunks=2)

UNBUFFERED: Final = Limits(high_water_mark=3, max_queue_chunks=0)
"""With which a push meets a pull, or waits for one."""

DIALECTS: Final = tuple(
    Dialect.parse(name)
    for name in (
        "reference",
        "plan-01",
        "isolate",
        "reference+overlapping_pull=queue+errored_backlog=drop+push_when_full=refuse",
        "reference+overlapping_pull=refuse+error_when_closed=ignore+repeated_error=keep",
        "whatwg",
        "reference+push_when_full=wait",
        "whatwg+push_when_full=wait",
        "reference+push_when_full=wait_through_close",
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
"""Besides these: cancels and looks of the two latest pulls, and cancels of the two latest pushes
that waited. Streams 1 and 2 exist at the start."""

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
"""Ops that change nothing: tried last in each sequence, where one more op is as good as many. That
they change nothing lets one registry try them all, one after the other."""

START: Final = (Create(), Create())


@dataclass(slots=True)
class Census:
    """How many sequences ran (each compared after its last op; prefixes are sequences too), and
    the rules that their last ops took."""

    sequences: int = 0
    rules: Counter[Rule] = field(default_factory=Counter)

    def count(self, step: Step) -> None:
        """A sequence that ends with that step."""
        self.sequences += 1
        self.rules[step.rule] += 1


Path: TypeAlias = list[tuple[Op, Step]]
"""Ops with the model's steps, so that running a sequence again need not ask the model again."""


class FailedError(AssertionError):
    """A program on which model and registry differ."""

    def __init__(self, dialect: Dialect, path: Path, why: DisagreementError) -> None:
        steps = "\n".join(f"  {number}. {op}" for number, (op, _) in enumerate(path, 1))
        super().__init__(f"in {dialect}, after\n{steps}\n{why}")
        self.ops = tuple(op for op, _ in path)


def run(
    dialect: Dialect, depth: int, make: Make = make_registry, limits: Limits = LIMITS
) -> Census:
    """Compare on every sequence up to `depth` ops. Raises `FailedError` at the first difference."""
    census = Census()
    start = begin(initial(dialect, limits))
    for path in sequences(start, depth, census, on_the_unknown_together=True):
        replay(dialect, start, path, make, compared=max(1, len(path) - depth + 1))
    return census


def begin(state: State) -> Path:
    """The ops that every sequence begins with."""
    path: Path = []
    for op in START:
        path.append((op, advance(state, op)))
        state = path[-1][1].state
    return path


def replay(
    dialect: Dialect, start: Path, path: Path, make: Make = make_registry, compared: int = 1
) -> None:
    """Run one sequence, comparing after each of its last ops and then what every settled pull
    brought."""
    twin = Twin(dialect, start[-1][1].state.limits, make)
    try:
        twin.repeat(start)
        twin.repeat(path[:-compared])
        for op, step in path[-compared:]:
            twin.do(op, step)
        twin.look_at_the_rest()
    except DisagreementError as why:
        raise FailedError(dialect, path, why) from None


def sequences(
    start: Path, depth: int, census: Census, *, on_the_unknown_together: bool = False
) -> Iterator[Path]:
    """Every sequence of 1 … `depth` ops, depth first. The list is used again: do not keep it.

    The longest may end with all ops `ON_THE_UNKNOWN`, which are counted as a sequence each.
    """
    endings = [[op] for op in ON_THE_UNKNOWN]
    if on_the_unknown_together:
        endings = [[*ON_THE_UNKNOWN]]
    yield from _extended([], start[-1][1].state, (), depth, census, endings)


def _extended(
    path: Path,
    state: State,
    loose: tuple[tuple[PullId, bool], ...],
    depth: int,
    census: Census,
    endings: list[list[Op]],
) -> Iterator[Path]:
    for op in (*ALPHABET, *on_pulls(loose), *on_pushes(state.next_push)):
        step = advance(state, op)
        census.count(step)
        path.append((op, step))
        yield path
        if depth > 1:
            after = follow(loose, op, step, state.next_pull)
            yield from _extended(path, step.state, after, depth - 1, census, endings)
        path.pop()
    for ending in endings if depth == 1 else ():
        steps = [advance(state, op) for op in ending]
        for step in steps:
            census.count(step)
        yield [*path, *zip(ending, steps, strict=True)]


def main() -> None:
    depth = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    fired: Counter[Rule] = Counter()
    for dialect in DIALECTS:
        began = time.perf_counter()
        census = run(dialect, depth)
        fired += census.rules
        seconds = time.perf_counter() - began
        print(f"{dialect}: {census.sequences:,} sequences of up to {depth} ops, {seconds:.1f} s")
    never = [rule.name for rule in OF_THE_TABLE if not fired[rule]]
    print(f"{len(fired)} of {len(OF_THE_TABLE)} rules fired; never: {never}")


if __name__ == "__main__":
    main()
