"""How fast the registry is, in ratios: `python -m tests.benchmarks.registry [--help]`."""

from __future__ import annotations

import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final, TypeAlias

from tests.benchmarks import bare, builds
from tests.benchmarks.clock import Comparison, Run, alone, compare
from tests.benchmarks.contenders import PEERS, QUEUE, Loop, Peer
from tests.benchmarks.peers import asyncio_queue
from tests.benchmarks.peers import streamstate_registry as ours
from tests.benchmarks.work import COUNT, Kind, Work

ROUNDS: Final = 300
MANY: Final = ours.MANY
FEW_WRITERS: Final = 300
MANY_WRITERS: Final = 1_200
_SELDOM: Final = 10  # a run with many writers takes as long as many others
_STEPS: Final = 20

Row: TypeAlias = tuple[str, str, str]

TITLES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "buffered": "buffered: push and await pull, per chunk",
        "handoff": "hand-off: a pull waits for each push",
        "loop": "async for over chunks, buffered",
        "pipe": "async for over chunks, with back-pressure",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table to come, and what has to be timed before it can be written."""

    row: Callable[[], Row]
    comparison: Comparison | None = None


class Bench:
    """The lines of the table, kind by kind. `other` is a registry of another checkout."""

    def __init__(self, other: tuple[builds.Build, ModuleType] | None = None) -> None:
        self.loop = Loop()
        self.build = builds.running()
        self.other = None if other is None else other[1]
        self.other_name = "" if other is None else f"the other checkout, {other[0]} build"

    def kinds(self) -> dict[str, Callable[[], list[Line]]]:
        """Every kind of line, by the name that `--only` knows it by."""
        return {
            "memory": self.memory,  # first: what others make must not be counted
            "buffered": lambda: self.four("buffered"),
            "handoff": lambda: self.four("handoff"),
            "loop": lambda: self.four("loop"),
            "pipe": lambda: self.four("pipe"),
            "many": self.many,
            "writers": self.writers,
            "watching": self.watching,
            "model": self.model,
        }

    def four(self, kind: Kind) -> list[Line]:
        """What a chunk costs in a work of this kind, beside what it costs each peer."""
        run = self.loop.run(getattr(ours, kind))
        lines = [self._beside(run, peer, kind) for peer in PEERS]
        if self.other is not None:
            theirs = self.loop.run(getattr(self.other, kind))
            lines.append(against(self.other_name, Comparison(run, theirs)))
        first = next(line.comparison for line in lines if line.comparison is not None)
        return [Line(lambda: (TITLES[kind], f"{first.costs[0]:.0f} ns", "")), *lines]

    def _beside(self, run: Run, peer: Peer, kind: Kind) -> Line:
        why_not = peer.lacks(kind)
        if why_not:
            return Line(lambda: (f"… against {peer.name}", why_not, ""))
        goal = "below 1" if self.build == "compiled" else ""
        if peer.name == QUEUE:
            goal = f"{builds.goals(self.build)[kind]:.2f}"
        return against(peer.name, Comparison(run, self.loop.run_of(peer, kind)), goal)

    def many(self) -> list[Line]:
        """What the number of streams and the length of a queue do to an op."""
        return [
            ratio(
                f"an op on one of {MANY:,} streams at random, on one stream alone",
                Comparison(self._visited(ours.at_random(MANY)), self._ops(ours.at_random(1))),
            ),
            ratio(
                "… the same in a bare dict of deques",
                Comparison(self._visited(bare.at_random(MANY)), self._ops(bare.at_random(1))),
            ),
            ratio(
                f"an op on one of {MANY:,} streams at random, ours, the bare dict's",
                Comparison(
                    self._visited(ours.at_random(MANY)), self._visited(bare.at_random(MANY))
                ),
                "1.25" if self.build == "compiled" else "",
            ),
            ratio(
                f"an op behind {MANY:,} chunks, behind one",
                Comparison(self._ops(ours.behind(MANY)), self._ops(ours.behind(1))),
                "1.25",
            ),
        ]

    def _ops(self, work: Work) -> Run:
        return self.loop.run(work, 2 * ours.OPS)

    def _visited(self, work: Work) -> Run:
        """Once every stream was used: what is made at the first use is made then."""
        run = self._ops(work)
        for _ in range(MANY // ours.OPS):
            run()
        return run

    def writers(self) -> list[Line]:
        """What a chunk costs that had to wait for room, by how many wait."""
        many, few = self._writers(ours.writers)
        queue_many, queue_few = self._writers(asyncio_queue.writers)
        return [
            ratio(
                f"a chunk while {MANY_WRITERS:,} writers wait, while {FEW_WRITERS} do",
                Comparison(many, few, _SELDOM),
                "1.25",
            ),
            ratio(f"… the same in {QUEUE}", Comparison(queue_many, queue_few, _SELDOM)),
            against(f"{QUEUE}, {MANY_WRITERS:,} writers", Comparison(many, queue_many, _SELDOM)),
        ]

    def _writers(self, work: Callable[[int], Coroutine[Any, Any, int]]) -> tuple[Run, Run]:
        many = self.loop.run(lambda: work(MANY_WRITERS), MANY_WRITERS)
        return many, self.loop.run(lambda: work(FEW_WRITERS), FEW_WRITERS)

    def watching(self) -> list[Line]:
        """What a push and a pull cost while somebody watches, and once nobody does any more."""
        plain = self.loop.run(ours.buffered)
        return [
            ratio(f"push and pull, {how}, unwatched", Comparison(self.loop.run(work), plain), goal)
            for how, work, goal in (
                ("no longer counted", ours.counted_no_longer, "1.02"),
                ("counted for stats()", ours.counted, ""),
                ("told to a listener", ours.listened_to, ""),
            )
        ]

    def memory(self) -> list[Line]:
        """What a stream takes, and what is left of a chunk that was seen."""
        size = f"{ours.idle_bytes():.0f} bytes"
        references, blocks = self.loop.runner.run(ours.kept())
        left = f"{references} chunks, {blocks / (3 * COUNT):.1f} blocks each"
        return [
            Line(lambda: ("an idle stream", size, "230 bytes")),
            Line(lambda: (f"kept after {3 * COUNT:,} chunks were seen", left, "0 chunks")),
        ]

    def model(self) -> list[Line]:
        """What an op costs in the model."""
        run = self.loop.run(ours.model_steps, 3 * ours.OPS)
        lines = [Line(lambda: ("a step of the model", f"{alone(run, _STEPS):.0f} ns", ""))]
        if self.other is not None:
            theirs = self.loop.run(self.other.model_steps, 3 * ours.OPS)
            lines.append(against(self.other_name, Comparison(run, theirs)))
        return lines


def against(name: str, pairs: Comparison, goal: str = "") -> Line:
    """How many times as long ours took as theirs."""
    return Line(lambda: (f"… against {name}, {pairs.costs[1]:.0f} ns", shown(pairs), goal), pairs)


def ratio(title: str, pairs: Comparison, goal: str = "") -> Line:
    """How many times as long ours took in the one case as in the other."""
    return Line(
        lambda: ("{}: {:.0f} ns, {:.0f} ns".format(title, *pairs.costs), shown(pairs), goal), pairs
    )


def shown(pairs: Comparison) -> str:
    """The median of the ratios, and between what half of them lie."""
    low, high = pairs.quartiles
    return f"{pairs.ratio:.2f} ({low:.2f} … {high:.2f})"


def as_text(rows: list[Row]) -> str:
    width = max(len(what) for what, _, _ in rows)
    return "\n".join(
        f"{what:{width}}  {value:>24}  {goal and 'goal ' + goal}".rstrip()
        for what, value, goal in rows
    )


def as_markdown(rows: list[Row]) -> str:
    lines = ["| what | value | goal |", "|---|---|---|"]
    lines += [f"| {what} | {value} | {goal} |" for what, value, goal in rows]
    return "\n".join(lines)


def asked(arguments: list[str] | None) -> Namespace:
    """What the command line asks for."""
    parser = ArgumentParser("python -m tests.benchmarks.registry", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="print the table as markdown")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default: {ROUNDS}")
    parser.add_argument(
        "--only", choices=list(Bench().kinds()), help="one kind of row, instead of all"
    )
    parser.add_argument(
        "--against", type=Path, metavar="SRC", help="src folder of another checkout, timed as well"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    options = asked(arguments)
    other = None if options.against is None else builds.of_checkout(options.against)
    bench = Bench(other)
    kinds = bench.kinds()
    chosen = list(kinds) if options.only is None else [options.only]
    with bench.loop.runner:
        lines = [line for kind in chosen for line in kinds[kind]()]
        compare([line.comparison for line in lines if line.comparison is not None], options.rounds)
        rows = [line.row() for line in lines]
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {bench.build} build,", end=" "
    )
    print(f"{options.rounds} rounds\n")
    print(as_markdown(rows) if options.markdown else as_text(rows))


if __name__ == "__main__":
    main()
