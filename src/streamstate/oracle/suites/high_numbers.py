"""Streams with high numbers: a table has to find each of them, and to keep the order in which they
were made, and what each of them is.

A hash table of 16 places shows an order of its own only if number 16 or a higher one lives beside
low ones, and forgets it once it has grown. So a program deletes all streams but a few at once, and
the numbers that stay are powers of two apart. If a table uses only some bits of a number, it takes
these for one. Other programs lead each stream somewhere before the next is made: a table that grows
copies all that they are, and a clear ends each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, permutations
from typing import Final

from streamstate.oracle.suites.building import CLEAR, CREATE, On, Ops, created, made_and_gone

_POWERS: Final = (2, 4, 8, 16, 32)
_HIGHER_POWERS: Final = (64, 128, 256)
_HIGHEST: Final = 1_024


def high_number_programs() -> Iterator[Ops]:
    """All programs of this suite, in a fixed order."""
    yield from _in_every_order()
    for power in _POWERS:
        yield from _around(power)
        yield from _apart_by(power, gone=(0, 1, 2))
    for power in _HIGHER_POWERS:
        yield from _apart_by(power, gone=(0,))
    yield _cleared_at_each_power()
    yield from _led_as_they_are_made()


def _in_every_order() -> Iterator[Ops]:
    """Three and four pulls that one clear settles, in the order of the streams."""
    for count in (3, 4):
        for numbers in permutations(range(1, count + 1)):
            yield (*created(count), *_pulls(numbers), CLEAR)


def _around(power: int) -> Iterator[Ops]:
    """Streams around that number and its double, beside low ones."""
    numbers = sorted({1, 2, 3, power - 1, power, power + 1, 2 * power, 2 * power + 1} - {0})
    made = _only(numbers)
    scrambled = (*numbers[1::2], *numbers[::2])
    yield (*made, *_pulls(scrambled), CLEAR)
    yield (*made, *_pulls(numbers), *_pushes(scrambled), *_pulls(reversed(numbers)), CLEAR)
    yield (*made, *_pushes(numbers), *_pulls(scrambled), *_pulls(numbers), CLEAR)


def _apart_by(power: int, gone: Iterable[int]) -> Iterator[Ops]:
    """Three streams that share one place of a table, and the delete of one."""
    numbers = [power - 1, 2 * power - 1, 3 * power - 1]
    made = _only(numbers)
    for each in gone:
        asked = On(numbers[each])
        left = [number for number in numbers if number != asked.number]
        yield (
            *(*made, *_pushes(numbers), asked.delete, asked.is_full, asked.push(b"?")),
            *(asked.pull, *_pulls(left), *_pulls(left[::-1]), CREATE, *_pushes(left), CLEAR),
        )


def _cleared_at_each_power() -> Ops:
    """Pulls that wait on both sides of each power of two, and are settled by a clear there."""
    ops: list[Ops] = []
    number = 1
    power = 8
    while power <= _HIGHEST:
        ops.append(made_and_gone(number, power - 3))
        number = power - 2
        waiting = range(number, number + 5)
        ops += [created(5), _pulls((*waiting[3:], *waiting[:3])), (CLEAR,)]
        number += 5
        power *= 2
    return tuple(chain.from_iterable(ops))


def _led_as_they_are_made() -> Iterator[Ops]:
    """Streams of which each is led somewhere before the next is made; asked before a clear, and
    after it."""
    alike = [[way] * _MADE for way in _WAYS]
    for ways in (*alike, [_WAYS[place % len(_WAYS)] for place in range(_MADE)]):
        streams = [On(number) for number in range(1, _MADE + 1)]
        made = tuple(
            op for stream, way in zip(streams, ways, strict=True) for op in (CREATE, *way(stream))
        )
        asked = tuple(op for each in streams for op in (each.is_full, each.push(b"?"), each.pull))
        yield (*made, *asked, CLEAR)
        yield (*made, CLEAR, *asked)


_MADE: Final = 40
"""So many streams: more than a table has places at first, twice over."""

_WAYS: Final[tuple[Callable[[On], Ops], ...]] = (
    lambda on: _pushes((on.number,)),
    lambda on: (on.pull,),
    lambda on: (on.close,),
    lambda on: (on.error(f"e{on.number}"),),
    lambda on: (*_pushes((on.number,)), on.close),
)
"""What becomes of a stream."""


def _only(numbers: Iterable[int]) -> Ops:
    """As many creates as it takes for these streams to exist, and no others."""
    staying = sorted(numbers)
    return tuple(
        op
        for number in range(1, staying[-1] + 1)
        for op in ((CREATE,) if number in staying else (CREATE, On(number).delete))
    )


def _pulls(numbers: Iterable[int]) -> Ops:
    return tuple(On(number).pull for number in numbers)


def _pushes(numbers: Iterable[int]) -> Ops:
    """A push to each stream, of a chunk that shows its number."""
    return tuple(On(number).push(number.to_bytes(2, "big")) for number in numbers)
