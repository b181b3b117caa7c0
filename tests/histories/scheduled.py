"""Threads that a scheduler moves on, step by step, over a registry of `racy`: who goes on next is
drawn from a seed, so that a race is had again whenever it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from random import Random
from typing import Final, TypeAlias

from streamstate.histories.events import (
    CANCELLED,
    NEVER,
    PENDING,
    Answered,
    Brought,
    Call,
    History,
    Outcome,
)
from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    initial,
)
from streamstate.wire import decode_bytes
from tests.histories.racy import LIMIT, Cell, Registry


def push(stream: int) -> Op:
    """Push; with which chunk, the run says."""
    return Push(stream, b"")


def create(_stream: int) -> Op:
    """Make a stream, whichever was drawn."""
    return Create()


def clear(_stream: int) -> Op:
    """Delete all, whichever was drawn."""
    return Clear()


Weights: TypeAlias = "Mapping[Callable[[int], Op], float]"
"""How often which op is called."""

WEIGHTS: Final[Weights] = {
    push: 40,
    Pull: 40,
    IsQueueFull: 9,
    create: 4,
    Close: 3,
    Delete: 2.5,
    clear: 1.5,
}


class _Thread:
    """One thread, on its way through random ops."""

    def __init__(self, name: str, run: _Run) -> None:
        self.name = name
        self.call: tuple[Op, int] | None = None
        self.steps = self._go(run)

    def _go(self, run: _Run) -> Iterator[None]:
        for _ in range(run.ops):
            op, cell = run.draw(), Cell()
            self.call = op, run.tick()
            yield
            answer = yield from run.registry.do(op, cell)
            outcome: Outcome = Answered(answer)
            if isinstance(op, Pull):
                outcome = yield from self._wait(run, op.stream, cell)
            run.record(self, outcome)
            yield

    def _wait(self, run: _Run, stream: int, cell: Cell) -> Generator[None, None, Outcome]:
        """Look again and again, and give up some time, also when it is just too late to."""
        for _ in range(run.random.choice((0, 5, 60))):
            if cell.answer is not None and run.random.random() < 0.5:
                break
            yield
        match cell.answer:
            case ["value", str(chunk)] if run.random.random() < 0.8:
                return Brought(decode_bytes(chunk))
            case [str(), *_] as answer if answer[0] != "value":
                return Answered(answer)
            case _:
                yield from run.registry.cancel(stream, cell)
                return CANCELLED


class _Run:
    def __init__(self, registry: Registry, random: Random, ops: int, weights: Weights) -> None:
        self._weights: Final = weights
        self.registry: Final = registry
        self.random: Final = random
        self.ops: Final = ops
        self.calls: Final[list[Call]] = []
        self._now = 0
        self._chunks = 0

    def tick(self) -> int:
        self._now += 1
        return self._now

    def draw(self) -> Op:
        stream = self.random.randint(1, 2)
        [kind] = self.random.choices(tuple(self._weights), tuple(self._weights.values()))
        op = kind(stream)
        if isinstance(op, Push):
            self._chunks += 1
            return Push(stream, b"%d" % self._chunks)
        return op

    def record(self, thread: _Thread, outcome: Outcome) -> None:
        assert thread.call is not None
        op, invoked = thread.call
        thread.call = None
        number = len(self.calls) + 1
        self.calls.append(Call(number, thread.name, op, invoked, self.tick(), outcome))


def history(
    make: Callable[[], Registry],
    seed: int,
    *,
    threads: int = 4,
    ops: int = 12,
    weights: Weights = WEIGHTS,
) -> History:
    """What so many threads see of a registry, each doing so many ops."""
    random = Random(seed)
    run = _Run(make(), random, ops, weights)
    for number in (1, 2):
        invoked = run.tick()
        for _ in run.registry.do(Create(), Cell()):
            pass
        made = Answered(number)
        run.calls.append(Call(number, "main", Create(), invoked, run.tick(), made))
    going = [_Thread(chr(ord("A") + number), run) for number in range(threads)]
    everyone = tuple(going)
    while going:
        thread = random.choice(going)
        try:
            next(thread.steps)
        except StopIteration:
            going.remove(thread)
    for thread in everyone:
        if thread.call is not None:
            op, invoked = thread.call
            number = len(run.calls) + 1
            run.calls.append(Call(number, thread.name, op, invoked, NEVER, PENDING))
    return History(initial(limits=Limits(1 << 30, LIMIT)), run.calls)
