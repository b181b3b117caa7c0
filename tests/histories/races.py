"""Registries with a race each, as people write them."""

from __future__ import annotations

from typing import Final

from streamstate.model import Op
from tests.histories.racy import LIMIT, Cell, Registry, Steps, Stream


class WithoutLock(Registry):
    """Nobody keeps the ops apart."""

    def do(self, op: Op, cell: Cell) -> Steps:
        return (yield from self.unlocked(op, cell))

    def cancel(self, stream: int, cell: Cell) -> Steps:
        return (yield from self.give_up(stream, cell))


class _SomeWithoutLock(Registry):
    """Only these ops are done outside the lock."""

    outside: tuple[str, ...] = ()

    def do(self, op: Op, cell: Cell) -> Steps:
        if type(op).__name__ in self.outside:
            return (yield from self.unlocked(op, cell))
        return (yield from super().do(op, cell))


class TwoPullsTakeOneChunk(_SomeWithoutLock):
    """A pull looks at the oldest chunk, and takes it away a moment later."""

    outside = ("Pull",)


class TwoPushesTakeOnePlace(Registry):
    """A push writes to the end that it found, whoever wrote there meanwhile: a chunk is lost."""

    def do(self, op: Op, cell: Cell) -> Steps:
        if type(op).__name__ == "Push":
            return (yield from self.unlocked(op, cell))
        return (yield from super().do(op, cell))

    def put(self, stream: Stream, place: int, chunk: bytes) -> Steps:
        if stream.waiting is not None:
            return (yield from super().put(stream, place, chunk))
        end = len(stream.queue)
        yield
        stream.queue[end:] = [(place, chunk)]
        return None


class PushAfterClose(_SomeWithoutLock):
    """A push looks whether the stream is closed, and puts its chunk in a moment later."""

    outside = ("Push",)


class CreatesOutsideTheLock(_SomeWithoutLock):
    """Two creates find the same number."""

    outside = ("Create",)


class TwoQueues(Registry):
    """Each second push goes to a queue of its own, so that nobody stands in line; pulls look into
    one of them first."""

    def put(self, stream: Stream, place: int, chunk: bytes) -> Steps:
        lane = place if place % 2 else place + 1_000_000
        return (yield from super().put(stream, lane, chunk))


class ClosedBeforeItsPushes(Registry):
    """What is pushed is put in by somebody else, a little later; a close is not."""

    def __init__(self) -> None:
        super().__init__()
        self._outbox: list[tuple[Stream, int, bytes]] = []

    def put(self, stream: Stream, place: int, chunk: bytes) -> Steps:
        self._outbox.append((stream, place, chunk))
        yield
        return None

    def pull(self, number: int, cell: Cell) -> Steps:
        stream = self.streams.get(number)
        if stream is not None and not stream.closed:
            outbox, self._outbox = self._outbox, []
            for each in outbox:
                yield from super().put(*each)
        return (yield from super().pull(number, cell))


class CancelEatsTheChunk(Registry):
    """A pull that is given up just as it was handed a chunk takes it along."""

    def give_up(self, number: int, cell: Cell) -> Steps:
        if cell.answer is None:
            return (yield from super().give_up(number, cell))
        return None


class FullIsStale(Registry):
    """Whether a queue is full is worked out now and then, and told from memory."""

    def __init__(self) -> None:
        super().__init__()
        self._full: dict[int, bool] = {}
        self._asked = 0

    def is_queue_full(self, number: int) -> Steps:
        self._asked += 1
        stream = self.streams.get(number)
        yield
        if number not in self._full or self._asked % 4 == 0:
            self._full[number] = stream is None or len(stream.queue) >= LIMIT
        return self._full[number]


class DeletedUnderAPull(Registry):
    """A thread that pulled before goes on with the stream that it found then."""

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[int, Stream] = {}

    def pull(self, number: int, cell: Cell) -> Steps:
        known = self._found.get(number) or self.streams.get(number)
        if known is None or number in self.streams or not known.queue:
            if number in self.streams:
                self._found[number] = self.streams[number]
            return (yield from super().pull(number, cell))
        return (yield from self.take(known, cell))


class ClearInParts(Registry):
    """A clear takes the lock for each stream anew."""

    def do(self, op: Op, cell: Cell) -> Steps:
        if type(op).__name__ != "Clear":
            return (yield from super().do(op, cell))
        for number in list(self.streams):
            while self._held:
                yield
            self._held = True
            yield from self.delete(number)
            self._held = False
            yield
        return None


RACES: Final = (
    WithoutLock,
    TwoPullsTakeOneChunk,
    TwoPushesTakeOnePlace,
    PushAfterClose,
    CreatesOutsideTheLock,
    TwoQueues,
    ClosedBeforeItsPushes,
    CancelEatsTheChunk,
    FullIsStale,
    DeletedUnderAPull,
    ClearInParts,
)
