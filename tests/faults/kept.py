"""Faults of how a registry keeps what it has: pools, tables, rings, sums. Each is a class over the
small registry in Python, right for a while, or with low numbers, or with round sizes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import Final

from streamstate.model import Limits
from streamstate.oracle.adapters.implementation import Opener
from streamstate.testing import Convention
from streamstate.testing.conforms import opened
from tests.faults.fault import Fault, Group, Mode, Planting, rules
from tests.faults.kept_bytes import byte_faults
from tests.faults.kept_places import place_faults
from tests.implementations.python.my_registry import Pull, Registry


class PlacesNotPaidBack(Registry):
    """There are places for 4,096 streams, and a delete frees none: later ones are not kept."""

    def create(self) -> int:
        number = super().create()
        if number > 4_096:
            del self.streams[number]
        return number


class ErroredPlaces(Registry):
    """There are 128 places, and a delete frees none whose stream has failed."""

    lost = 0

    def create(self) -> int:
        number = super().create()
        if self.lost >= 128:
            del self.streams[number]
        return number

    def delete(self, number: int) -> None:
        stream = self.streams.get(number)
        self.lost += stream is not None and stream.error is not None
        super().delete(number)


class ClearedWaits(Registry):
    """Sixty pulls may wait, and a clear does not count those that it ends."""

    waiting = 0

    def pull(self, number: int) -> Pull:
        stream = self.streams.get(number)
        self.waiting -= stream is not None and stream.waiting is not None
        pull = super().pull(number)
        if not pull.done():
            self.waiting += 1
            if self.waiting > 60:
                self.streams[number].waiting = None
        return pull

    def clear(self) -> None:
        kept = self.waiting
        super().clear()
        self.waiting = kept

    def delete(self, number: int) -> None:
        stream = self.streams.get(number)
        self.waiting -= stream is not None and stream.waiting is not None
        super().delete(number)

    def push(self, number: int, chunk: bytes) -> bool:
        stream = self.streams.get(number)
        self.waiting -= stream is not None and stream.waiting is not None
        return super().push(number, chunk)

    def close(self, number: int) -> None:
        stream = self.streams.get(number)
        self.waiting -= stream is not None and stream.waiting is not None
        super().close(number)

    def error(self, number: int, error: Exception) -> None:
        stream = self.streams.get(number)
        self.waiting -= stream is not None and stream.waiting is not None
        super().error(number, error)


class SupersededPermits(Registry):
    """A pull that is superseded keeps the permit of a chunk."""

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008  # it is frozen
        super().__init__()
        self.limits = limits
        self.kept: dict[int, int] = {}

    def pull(self, number: int) -> Pull:
        stream = self.streams.get(number)
        before = None if stream is None else stream.waiting
        pull = super().pull(number)
        if before is not None and before.done():
            self.kept[number] = self.kept.get(number, 0) + 1
        return pull

    def is_queue_full(self, number: int) -> bool:
        stream = self.streams.get(number)
        return (
            stream is None
            or len(stream.queue) + self.kept.get(number, 0) >= self.limits.max_queue_chunks
            or sum(map(len, stream.queue)) >= self.limits.high_water_mark
        )


class ServedPulls(Registry):
    """A pull that is handed a chunk still counts as waiting, until the next push finds that it does
    not wait any more, and is lost."""

    def push(self, number: int, chunk: bytes) -> bool:
        stream = self.streams.get(number)
        waiting = None if stream is None else stream.waiting
        if stream is None or waiting is None:
            return super().push(number, chunk)
        if waiting.done():
            stream.waiting = None
            return True
        super().push(number, chunk)
        stream.waiting = waiting
        return True


class TwelveBits(Registry):
    """Numbers are kept in twelve bits."""

    def create(self) -> int:
        number = super().create()
        if number > 4_095:
            self.streams[number % 4_096] = self.streams.pop(number)
        return number

    def push(self, number: int, chunk: bytes) -> bool:
        return super().push(number % 4_096, chunk)

    def pull(self, number: int) -> Pull:
        return super().pull(number % 4_096)


class Generations(Registry):
    """The one stream that lives is in the first place, with five bits for how often that was used:
    a push to a stream that is gone comes to the one that is 32 later."""

    def push(self, number: int, chunk: bytes) -> bool:
        if number not in self.streams and len(self.streams) == 1:
            (lives,) = self.streams
            if number > 0 and (lives - number) % 32 == 0:
                number = lives
        return super().push(number, chunk)


class SixteenBuckets(Registry):
    """A hash table of 16 places, twice as many once it is three quarters full: a clear goes through
    it place by place."""

    def clear(self) -> None:
        places = 16
        while len(self.streams) > places * 3 // 4:
            places *= 2
        for number in sorted(self.streams, key=lambda number: (number % places, number)):
            self.delete(number)


_FAULTS: Final = (
    (PlacesNotPaidBack, "CREATE_1 DELETE_2 DELETE_3"),
    (ErroredPlaces, "CREATE_1 DELETE_2"),
    (ClearedWaits, "PULL_3 CLEAR_2"),
    (SupersededPermits, "PULL_9 PULL_10 IS_QUEUE_FULL_2 IS_QUEUE_FULL_3"),
    (ServedPulls, "PUSH_4"),
    (TwelveBits, "CREATE_1 PUSH_1 PUSH_5 PULL_2 PULL_3 IS_QUEUE_FULL_3"),
    (Generations, "PUSH_1"),
    (SixteenBuckets, "CLEAR_2"),
)


def kept_faults() -> Iterator[Fault]:
    """One for each class."""
    for factory, causes in chain(_FAULTS, byte_faults(), place_faults()):
        yield Fault(
            Group.KEPT, factory.__name__, rules(causes), _planting(factory), modes=(Mode.BLACK_BOX,)
        )


def _planting(factory: type[Registry]) -> Planting:
    @contextmanager
    def plant(mode: Mode) -> Iterator[Opener]:
        how = Convention() if mode is Mode.GET else replace(Convention(), get=False)
        yield lambda: opened(factory, how)

    return plant
