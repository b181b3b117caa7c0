"""How fast the registry is, in ratios: `python -m tests.benchmarks.registry [--help]`."""

from __future__ import annotations

import platform
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from types import MappingProxyType, ModuleType
from typing import Final, TypeAlias

from tests.benchmarks import bare, builds
from tests.benchmarks.clock import Pairs, Run, alone, paired
from tests.benchmarks.contenders import PEERS, QUEUE, Loop
from tests.benchmarks.peers import asyncio_queue
from tests.benchmarks.peers import streamstate_registry as ours
from tests.benchmarks.work import COUNT, Kind, Work

ROUNDS: Final = 200
MANY: Final = ours.MANY
FEW_WRITERS: Final = 300
MANY_WRITERS: Final = 1_200

Row: TypeAlias = tuple[str, str, str]

TITLES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "buffered": "buffered: push and await pull, per chunk",
        "handoff": "hand-off: a pull waits for each push",
        "loop": "async for over chunks, buffered",
        "pipe": "async for over chunks, with back-pressure",
    }
)


class Bench:
    """The rows of the table, kind by kind. `other` is a registry of another checkout."""

    def __init__(self, rounds: int, other: tuple[builds.Build, ModuleType] | None = None) -> None:
        self.rounds = rounds
        self.loop = Loop()
        self.build = builds.running()
        self.other = None if other is None else other[1]
        self.other_name = "" if other is None else f"the other checkout, {other[0]}"

    def four(self, kind: Kind) -> Iterator[Row]:
        """What a chunk costs in a work of this kind, and the share of each peer's cost."""
        lacks = {peer.name: peer.lacks(kind) for peer in PEERS}
        runs = {p.name: self.loop.run_of(p, kind) for p in PEERS if not lacks[p.name]}
        if self.other is not None:
            runs[self.other_name] = self.loop.run(getattr(self.other, kind))
        pairs = paired(self.loop.run(getattr(ours, kind)), runs, self.rounds)
        yield TITLES[kind], f"{median(pairs[QUEUE].ours):.0f} ns", ""
        for name in [*lacks, *runs.keys() - lacks.keys()]:
            if name in runs:
                yield against(name, pairs[name], self._goal(kind, name))
            else:
                yield f"… against {name}", lacks[name], ""

    def _goal(self, kind: Kind, name: str) -> str:
        if name == QUEUE:
            return f"{builds.goals(self.build)[kind]:.2f}"
        return "below 1" if self.build == "compiled" and name != self.other_name else ""

    def many(self) -> Iterator[Row]:
        """What the number of streams and the length of a queue do to an op."""
        yield self._ratio(
            f"op on one of {MANY:,} streams at random, against one on one stream",
            self._visited(ours.at_random(MANY)),
            self._ops(ours.at_random(1)),
            "1.8",
        )
        yield self._ratio(
            "… the same in a bare dict of deques",
            self._visited(bare.at_random(MANY)),
            self._ops(bare.at_random(1)),
        )
        yield self._ratio(
            f"op behind {MANY:,} chunks, against one behind one",
            self._ops(ours.behind(MANY)),
            self._ops(ours.behind(1)),
            "1.25",
        )

    def _ops(self, work: Work) -> Run:
        return self.loop.run(work, 2 * ours.OPS)

    def _visited(self, work: Work) -> Run:
        """Once every stream was used: what is made at the first use is made then."""
        run = self._ops(work)
        for _ in range(MANY // ours.OPS):
            run()
        return run

    def writers(self) -> Iterator[Row]:
        """What a chunk costs that had to wait for room, by how many wait."""
        title = f"a chunk with {MANY_WRITERS:,} writers waiting, against one with {FEW_WRITERS}"
        rounds = max(5, self.rounds // 10)
        yield self._ratio(title, *self._writers(ours), "1.25", rounds=rounds)
        yield self._ratio(
            "… the same in asyncio.Queue", *self._writers(asyncio_queue), rounds=rounds
        )
        many = paired(self._writers(ours)[0], {QUEUE: self._writers(asyncio_queue)[0]}, rounds)
        yield against(f"{QUEUE}, with {MANY_WRITERS:,} writers waiting", many[QUEUE])

    def _writers(self, module: ModuleType) -> tuple[Run, Run]:
        many = self.loop.run(lambda: module.writers(MANY_WRITERS), MANY_WRITERS)
        return many, self.loop.run(lambda: module.writers(FEW_WRITERS), FEW_WRITERS)

    def memory(self) -> Iterator[Row]:
        """What a stream takes, and what is left of a chunk that was seen."""
        yield "an idle stream", f"{ours.idle_bytes():.0f} bytes", "230 bytes"
        references, blocks = self.loop.runner.run(ours.kept())
        yield (
            f"kept after {3 * COUNT:,} chunks were seen",
            f"{references} chunks, {blocks} blocks",
            "0 chunks",
        )

    def model(self) -> Iterator[Row]:
        """What an op costs in the model."""
        run = self.loop.run(ours.model_steps, 3 * ours.OPS)
        rounds = max(5, self.rounds // 10)
        yield "a step of the model", f"{alone(run, rounds):.0f} ns", ""
        if self.other is not None:
            theirs = self.loop.run(self.other.model_steps, 3 * ours.OPS)
            yield against(
                self.other_name, paired(run, {self.other_name: theirs}, rounds)[self.other_name]
            )

    def _ratio(
        self, title: str, large: Run, small: Run, goal: str = "", rounds: int | None = None
    ) -> Row:
        pairs = paired(large, {"": small}, rounds or self.rounds)[""]
        costs = f"{median(pairs.ours):.0f} ns and {median(pairs.theirs):.0f} ns"
        return f"{title}: {costs}", shown(pairs), goal

    def kinds(self) -> dict[str, Callable[[], Iterator[Row]]]:
        """Every kind of row, by the name that `--only` knows it by."""
        return {
            "buffered": lambda: self.four("buffered"),
            "handoff": lambda: self.four("handoff"),
            "loop": lambda: self.four("loop"),
            "pipe": lambda: self.four("pipe"),
            "many": self.many,
            "writers": self.writers,
            "memory": self.memory,
            "model": self.model,
        }


def against(name: str, pairs: Pairs, goal: str = "") -> Row:
    """A row that says how many times as long ours took as theirs."""
    return f"… against {name}, {median(pairs.theirs):.0f} ns", shown(pairs), goal


def shown(pairs: Pairs) -> str:
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
        "--only", choices=list(Bench(1).kinds()), help="one kind of row, instead of all"
    )
    parser.add_argument(
        "--against", type=Path, metavar="SRC", help="src folder of another checkout, timed as well"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    options = asked(arguments)
    other = None if options.against is None else builds.of_checkout(options.against)
    bench = Bench(options.rounds, other)
    kinds = bench.kinds()
    chosen = list(kinds) if options.only is None else [options.only]
    rows = [row for kind in chosen for row in kinds[kind]()]
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {bench.build} build,", end=" "
    )
    print(f"{options.rounds} rounds\n")
    print(as_markdown(rows) if options.markdown else as_text(rows))


if __name__ == "__main__":
    main()
