"""How fast `step` is, beside another version of the model in the same process:

    python -m tests.benchmarks.model OTHER [ROUNDS]

OTHER is the `src` of another working tree. CPU time of the thread, in pairs of short runs, of which
each goes first in turn; the median of the ratios, as a crowded machine makes both slower alike.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from statistics import median
from time import thread_time_ns
from types import ModuleType
from typing import Final

HERE: Final = Path(__file__).parents[2] / "src"
ROUNDS: Final = 100


def load(tree: Path) -> ModuleType:
    """The model of that tree, whatever was imported before. Raises `ImportError`."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "streamstate"]:
        del sys.modules[name]
    sys.path.insert(0, str(tree))
    try:
        model = importlib.import_module("streamstate.model")
    finally:
        sys.path.pop(0)
    if not Path(str(model.__file__)).is_relative_to(tree):
        raise ImportError(f"no streamstate in {tree}, only in {model.__file__}")
    return model


def buffered(model: ModuleType) -> Iterator[object]:
    yield model.Create()
    for first in range(1, 200, 5):
        yield from (model.Push(1, b"abc") for _ in range(5))
        yield model.IsQueueFull(1)
        for pull in range(first, first + 5):
            yield from (model.Pull(1), model.Seen(pull))


def handed_over(model: ModuleType) -> Iterator[object]:
    yield model.Create()
    for pull in range(1, 150):
        yield from (model.Pull(1), model.Push(1, b"abc"), model.Seen(pull))


def mixed(model: ModuleType) -> Iterator[object]:
    """Every op on up to four streams, the common ones more often."""
    random, pulls = Random(5), 1
    on_streams = (model.Push, *(model.Pull,) * 5, model.Close, model.IsQueueFull, model.Delete)
    for _ in range(400):
        kind = random.choice((*on_streams, *(model.Push,) * 5, model.Get, model.Error))
        stream, pull = random.randint(1, 4), random.randint(max(1, pulls - 4), pulls)
        pulls += kind is model.Pull
        given = {model.Push: (b"abc",), model.Error: ("boom",)}.get(kind, ())
        yield from (kind(stream, *given), random.choice((model.Seen, model.CancelPull))(pull))
        if random.random() < 0.1:
            yield model.Create()


WORKS: Final[Mapping[str, Callable[[ModuleType], Iterator[object]]]] = {
    "buffered": buffered,
    "handed over": handed_over,
    "mixed": mixed,
}


def nanoseconds(model: ModuleType, program: tuple[object, ...]) -> float:
    """For one op."""
    state, step = model.initial(), model.step
    gc.collect()
    started = thread_time_ns()
    for op in program:
        state, _ = step(state, op)
    return (thread_time_ns() - started) / len(program)


def main(other: Path, rounds: int) -> None:
    models = load(other.resolve()), load(HERE)
    for name, work in WORKS.items():
        theirs, ours = ((model, tuple(work(model))) for model in models)
        pairs = []
        for number in range(rounds):
            if number % 2:
                pairs.append((nanoseconds(*theirs), nanoseconds(*ours)))
            else:
                took = nanoseconds(*ours)
                pairs.append((nanoseconds(*theirs), took))
        before, after = (median(each) for each in zip(*pairs, strict=True))
        ratio = median(one / two for one, two in pairs)
        print(f"{name:<12} {before:8,.0f} ns → {after:8,.0f} ns an op, {ratio:.2f} times as fast")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS)
