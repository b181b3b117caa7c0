"""Faults of the places of a registry: rings that chunks lie in, tables that streams are found in,
and numbers that are given again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import ClassVar, Final

from tests.implementations.python.my_registry import Pull, Registry, Stream


class Ring(deque[bytes]):
    """A ring of places that takes twice as many when it is full, and leaves the chunks in it where
    they lie: the newest come before the oldest if it is wrapped."""

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places
        self.oldest = 0

    def append(self, chunk: bytes) -> None:
        if len(self) == self.places:
            self.rotate(self.oldest)
            self.places, self.oldest = 2 * self.places, 0
        super().append(chunk)

    def popleft(self) -> bytes:
        self.oldest = (self.oldest + 1) % self.places
        return super().popleft()


class RingOf16(Registry):
    """A queue is a ring of 16 places, which grows wrongly while it is wrapped."""

    places: ClassVar = 16

    def create(self) -> int:
        number = super().create()
        self.streams[number].queue = Ring(self.places)
        return number


class RingOf64(RingOf16):
    """Of 64 places."""

    places = 64


class RingOf1024(RingOf16):
    """Of 1,024 places."""

    places = 1_024


class SwapRemove(Registry):
    """A clear takes the first stream of a list, whose last then lies in its place: three streams
    are deleted in the order 1, 3, 2."""

    def clear(self) -> None:
        numbers = list(self.streams)
        while numbers:
            self.delete(numbers[0])
            numbers[0] = numbers[-1]
            numbers.pop()


class Mask32(Registry):
    """Which streams are closed is kept in a mask of 32 bits, those of 1 and 33 in one."""

    bits: ClassVar = 32
    mask = 0

    def create(self) -> int:
        number = super().create()
        self.mask &= ~self.bit(number)
        return number

    def close(self, number: int) -> None:
        super().close(number)
        if number in self.streams:
            self.mask |= self.bit(number)

    def push(self, number: int, chunk: bytes) -> bool:
        self.read(number)
        return super().push(number, chunk)

    def pull(self, number: int) -> Pull:
        self.read(number)
        return super().pull(number)

    def bit(self, number: int) -> int:
        """That of a stream."""
        return 1 << number % self.bits

    def read(self, number: int) -> None:
        """Whether that stream is closed."""
        stream = self.streams.get(number)
        if stream is not None:
            stream.closed = bool(self.mask & self.bit(number))


class Mask64(Mask32):
    """Of 64 bits."""

    bits = 64


class FreeList(Registry):
    """Numbers of deleted streams are kept, and given again once there are a hundred."""

    def __init__(self) -> None:
        super().__init__()
        self.free: list[int] = []

    def create(self) -> int:
        if len(self.free) < 100:
            return super().create()
        number = self.free.pop(0)
        self.streams[number] = Stream()
        return number

    def delete(self, number: int) -> None:
        if number in self.streams:
            self.free.append(number)
        super().delete(number)


class FiveHundredLives(Registry):
    """Of the streams that are made after the first five hundred there is only the number."""

    def create(self) -> int:
        number = super().create()
        if number > 500:
            del self.streams[number]
        return number


class Tombstones(Registry):
    """Deleted streams leave a tombstone, and the first hundred are cleared away: a pull on a later
    one is told again that it was deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.dead: list[int] = []

    def delete(self, number: int) -> None:
        if number in self.streams:
            self.dead.append(number)
        super().delete(number)

    def pull(self, number: int) -> Pull:
        if number not in self.dead[100:]:
            return super().pull(number)
        pull: Pull = asyncio.get_running_loop().create_future()
        pull.set_exception(Exception("Stream deleted"))
        return pull


class DeadBits(Registry):
    """What a delete names, be it known or not, has a bit in a filter of 1,024, and whatever has one
    is unknown: also the stream that is 1,024 later."""

    def __init__(self) -> None:
        super().__init__()
        self.dead: set[int] = set()

    def create(self) -> int:
        number = super().create()
        if number % 1_024 in self.dead:
            del self.streams[number]
        return number

    def delete(self, number: int) -> None:
        self.dead.add(number % 1_024)
        super().delete(number)


class BrokenChains(Registry):
    """A hash table of 16 places, where a stream whose place is taken lies in the next that is free.
    A delete empties the place, and those that lie behind it are not found."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[int | None] = [None] * 16

    def create(self) -> int:
        number = super().create()
        if len(self.streams) * 2 > len(self.places):
            self.places = [None] * (2 * len(self.places))
            for each in self.streams:
                self.put(each)
        else:
            self.put(number)
        return number

    def put(self, number: int) -> None:
        """Into the first place that is free."""
        at = number % len(self.places)
        while self.places[at] is not None:
            at = (at + 1) % len(self.places)
        self.places[at] = number

    def found(self, number: int) -> int | None:
        """Where that stream lies, if it is found."""
        at = number % len(self.places)
        while (there := self.places[at]) is not None:
            if there == number:
                return at
            at = (at + 1) % len(self.places)
        return None

    def delete(self, number: int) -> None:
        at = self.found(number)
        if at is not None:
            self.places[at] = None
            super().delete(number)

    def clear(self) -> None:
        for number in tuple(self.streams):
            super().delete(number)
        self.places = [None] * 16

    def push(self, number: int, chunk: bytes) -> bool:
        return self.found(number) is not None and super().push(number, chunk)


_RING: Final = "PUSH_5 PUSH_6"


def place_faults() -> Iterator[tuple[type[Registry], str]]:
    """Each with the rules that are wrong."""
    for ring in (RingOf16, RingOf64, RingOf1024):
        yield ring, _RING
    yield SwapRemove, "CLEAR_2"
    for mask in (Mask32, Mask64):
        yield mask, "CREATE_1 CLOSE_2 CLOSE_3 PUSH_2 PULL_4 PULL_5"
    yield FreeList, "CREATE_1"
    yield FiveHundredLives, "CREATE_1"
    yield Tombstones, "DELETE_2 DELETE_3 PULL_1"
    yield DeadBits, "CREATE_1 DELETE_1 DELETE_2 DELETE_3"
    yield BrokenChains, "DELETE_2 DELETE_3 PUSH_1"
