"""Programs with a shape, most of them long, for what no short one can reach: the real limits, big
numbers of streams, chunks with every byte, many pulls at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final

from streamstate.model import HIGH_WATER_MARK, MAX_QUEUE_CHUNKS, Create, Delete, IsQueueFull, Pull
from streamstate.oracle.suites.building import (
    CLEAR,
    CREATE,
    FULL,
    ONE,
    TWO,
    On,
    Ops,
    created,
    numbered,
)

_ALL_BYTES: Final = bytes(range(256))
_PERIOD: Final = bytes(index * 7 % 251 for index in range(251))
_FULL_CHUNK: Final = (_PERIOD * (HIGH_WATER_MARK // 251 + 1))[:HIGH_WATER_MARK]
_MESSAGES: Final = (
    *("", "Stream deleted", 'quote " and \\ and \n', "é ☃ 𝄞", "\u2028", "null", "a\0b", " \t "),
    *("undefined", "0", "false"),
    "x" * 300,
)
_HALVES: Final = ("\ud800", "a\udc00b", "\udfff\ud800")
"""Messages that are not Unicode text, and strings in some languages."""

_ODD: Final = (
    *(b"", b"\0", b"\xff", b"\0\0\0", b"\r\n", b" a ", b"\n"),
    *(b"\xef\xbb\xbfmark", b"\xef\xbb\xbf", b"\xff\xfem\0"),
)
"""Chunks that somebody may take for text, and cut."""

_LENGTHS: Final = (
    *(*range(2, 18), 20, 24, 25, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257),
    *(300, 511, 512, 513, 1000, 1023, 1024, 1025, 2048, 4095, 4096, 4097, 8192, 16_384, 32_768),
)
"""Bytes of chunks that are alike in nothing else: a buffer that is used again may be as long."""

_PULL: Final = ONE.pull
_CLOSE: Final = ONE.close
_ERROR: Final = ONE.error("e")
_ERROR_AGAIN: Final = ONE.error("f")
_IS_FULL: Final = ONE.is_full


def structured_programs(*, surrogates: bool = False) -> Iterator[Ops]:
    """All programs of this suite, in a fixed order. With `surrogates`, also messages that hold half
    of a pair."""
    yield from _overlapping_pulls()
    yield from _around_the_chunk_limit()
    yield from _around_the_byte_limit()
    yield from _in_and_out()
    yield from _in_turns()
    yield from _drains()
    yield from _clears()
    yield from _holes()
    yield from _unknown_numbers()
    yield from _contents()
    yield from _contents_at_the_limit()
    yield from _messages((*_MESSAGES, *(_HALVES if surrogates else ())))
    yield from _empty_messages()
    yield from _again_after_the_end()


def _overlapping_pulls() -> Iterator[Ops]:
    ends: tuple[Ops, ...] = ((_CLOSE,), (_ERROR,), (ONE.delete,))
    (push,) = ONE.pushes(1)
    after: tuple[Ops, ...] = ((push,), ONE.pushes(2), *((push, *end) for end in ends))
    for count in (2, 3, 5):
        for ender in (*ends, (CLEAR,), *after):
            yield (CREATE, *ONE.pulls(count), *ender, _PULL, _IS_FULL)
    for count in (2, 3, 9, 17, 33):
        yield (CREATE, *ONE.pulls(count), *ONE.pushes(count + 1), *ONE.pulls(2), _CLOSE)


def _around_the_chunk_limit() -> Iterator[Ops]:
    for count in (MAX_QUEUE_CHUNKS - 1, MAX_QUEUE_CHUNKS, MAX_QUEUE_CHUNKS + 1, 33):
        filled = (CREATE, *ONE.watched(ONE.pushes(count)))
        emptied = ONE.watched(ONE.pulls(count + 1))
        yield (*filled, *emptied)
        for end in ((_CLOSE,), (_ERROR,), (_CLOSE, _ERROR)):
            yield (*filled, *end, _IS_FULL, *emptied)
        yield (*filled, _ERROR, _ERROR_AGAIN, _CLOSE, _IS_FULL, *ONE.pulls(2))
        for gone in (ONE.delete, CLEAR):
            yield (*filled, gone, _IS_FULL, _PULL, CREATE, TWO.is_full)
        refilled = ONE.pushes(3, first=100)
        yield (*filled, _PULL, *ONE.watched((*refilled, *ONE.pulls(count + 3))))
    for count in (MAX_QUEUE_CHUNKS - 1, MAX_QUEUE_CHUNKS):
        yield (CREATE, *ONE.watched((ONE.push(b""),) * count + ONE.pulls(count + 1)))


def _around_the_byte_limit() -> Iterator[Ops]:
    full, half = HIGH_WATER_MARK, HIGH_WATER_MARK // 2
    for sizes in (
        *((full - 1, 1), (full - 1, 0, 1), (full,), (full, 0), (full + 1,)),
        *((half, half), (half, half - 1, 1), (1, full - 1)),
    ):
        chunks = [_FULL_CHUNK[: min(size, 1)] + bytes(size)[1:] for size in sizes]
        yield (CREATE, *ONE.watched((*map(ONE.push, chunks), *ONE.pulls(len(sizes) + 1))))
    filling, whole, more = ONE.push(FULL), ONE.push(_FULL_CHUNK), ONE.pushes(1)
    yield (CREATE, filling, *more, _IS_FULL, _CLOSE, _IS_FULL, *ONE.pulls(3))
    yield (CREATE, filling, *more, _ERROR, _IS_FULL, *ONE.pulls(3))
    yield (CREATE, filling, _CLOSE, _ERROR, _IS_FULL, *ONE.pulls(2))
    yield (CREATE, _PULL, whole, _IS_FULL, *more, _PULL)
    yield (CREATE, whole, _IS_FULL, _PULL, _IS_FULL)


def _in_and_out() -> Iterator[Ops]:
    """So many chunks in, so many out, then a look at what is left: the shortest programs in which a
    place in a long queue can go wrong."""
    for count in (1, 2, 3, 7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 34, 65):
        for taken in sorted({1, count // 2, count - 1, count}):
            left = (_IS_FULL, ONE.push(b"last"), *ONE.pulls(count - taken + 2))
            yield (CREATE, *ONE.pushes(count), *ONE.pulls(taken), *left)


def _in_turns() -> Iterator[Ops]:
    for count in (2, 17, 33, 100):
        pushes = ONE.pushes(count)
        yield (CREATE, *(op for push in pushes for op in (_PULL, push)), _PULL)
        yield (CREATE, *(op for push in pushes for op in (push, _PULL)), _PULL)
    more = ONE.pushes(40, first=41)
    yield (CREATE, *ONE.pushes(40), *ONE.pulls(20), *more, *ONE.pulls(62), _CLOSE)
    yield (CREATE, *ONE.pushes(300), *ONE.pulls(301), _CLOSE)
    waits = tuple(map(Pull, (1, 2, 3)))
    for order in ((3, 1, 2), (2, 3, 1)):
        answers = tuple(On(stream).push(numbered(stream)) for stream in order)
        yield (*created(3), *waits, *answers, *waits, CLEAR)


def _drains() -> Iterator[Ops]:
    for count in (1, 2, 3, 17):
        filled, drained = (CREATE, *ONE.pushes(count)), ONE.pulls(count + 2)
        yield (*filled, _CLOSE, *drained)
        yield (*filled, _ERROR, *drained)
        yield (*filled, _CLOSE, _ERROR, _ERROR_AGAIN, *drained)
        yield (*filled, _ERROR, _CLOSE, _ERROR_AGAIN, *drained, ONE.delete)
        yield (*filled, _CLOSE, _PULL, _ERROR, *ONE.pulls(count + 1))
        yield (*filled, _CLOSE, *ONE.pulls(count), _ERROR, *ONE.pulls(2))


def _clears() -> Iterator[Ops]:
    for count in (2, 9, 10, 11, 33):
        numbers = range(1, count + 1)
        after = (CREATE, _IS_FULL, IsQueueFull(count), _PULL, Pull(count + 1), CLEAR)
        waits = tuple(map(Pull, numbers))
        some = tuple(pull for pull in waits if pull.stream % 3)
        pushes = tuple(On(stream).push(b"x") for stream in numbers)
        befores: tuple[Ops, ...] = (waits, waits[::-1], some, (*waits, TWO.delete), pushes)
        for before in befores:
            yield (*created(count), *before, CLEAR, *after)


def _holes() -> Iterator[Ops]:
    """Streams deleted out of the middle of many, others made after them, and all of them used."""
    for count in (3, 9, 17, 33):
        for gone in ((1,), (2,), (count,), (1, count - 1), tuple(range(1, count, 2))):
            left = tuple(each for each in range(1, count + 1) if each not in gone)
            holed = (*created(count), *map(Delete, gone))
            yield (*holed, *(op for each in left for op in _used(On(each))), CLEAR)
            waits = map(Pull, (*left, *range(count + 1, count + 1 + len(gone))))
            yield (*holed, *created(len(gone)), *waits, CLEAR, *map(IsQueueFull, left))
    for before in ((CREATE, CREATE, ONE.delete), (*created(3), TWO.delete)):
        last = sum(isinstance(op, Create) for op in before) + 1
        yield (*before, CREATE, Pull(last), Pull(last - 1), CLEAR)


def _used(on: On) -> Ops:
    return (on.is_full, on.push(b"a"), on.pull)


def _probes(on: On) -> Ops:
    return (on.is_full, on.push(b"?"), on.pull, on.close, on.error(), on.delete)


def _unknown_numbers() -> Iterator[Ops]:
    first = ONE.push(b"a")
    seen = (_IS_FULL, _PULL, _PULL, ONE.push(b"b"), TWO.push(b"c"), CREATE, Pull(3))
    for number in (0, *(2**k + 1 for k in range(1, 31)), 2**31 - 1):
        yield (CREATE, CREATE, first, TWO.pull, *_probes(On(number)), *seen)
    mark, second = ONE.pushes(2)
    yield (*_probes(ONE), CREATE, mark, _PULL, _PULL)
    yield (*created(260), On(257).push(b"\1"), _PULL, Pull(257), second, _PULL)
    yield (*created(40), *(op for each in (33, 17, 9, 5, 3) for op in _probes(On(each))), _PULL)
    for on in map(On, (17, 257)):
        used = (on.is_full, on.pull, on.push(b"a"), mark, _PULL)
        yield (CREATE, *_probes(on), *created(on.number - 1), *used, on.delete)
    powers = tuple(2**k + 1 for k in (8, 0, 4, 7, 1, 6, 3, 5, 2))
    marks = (On(number).push(numbered(number)) for number in powers)
    taken = tuple(map(Pull, sorted(powers)))
    yield (*created(257), *marks, *taken, *map(Delete, powers), *taken)


def _contents() -> Iterator[Ops]:
    yield (CREATE, *(op for value in _ALL_BYTES for op in (ONE.push(bytes([value])), _PULL)))
    same = ONE.push(b"same")
    between = tuple(ONE.push(bytes([value, *b"mid", value])) for value in _ALL_BYTES)
    yield (CREATE, *(op for push in between for op in (push, _PULL)))
    for chunk in (*_ODD, _ALL_BYTES, _ALL_BYTES[::-1] * 17):
        push = ONE.push(chunk)
        yield (CREATE, push, _PULL, _PULL, push, _CLOSE, _PULL)
        yield (CREATE, _PULL, push, push, _CLOSE, _PULL)
    for word in (b"null", b"undefined", b"true", b"EOF", b"end", b"done", b"[DONE]"):
        yield (CREATE, ONE.push(word), same, _PULL, _PULL, ONE.push(word), _CLOSE, _PULL)
    yield (CREATE, _PULL, *(ONE.push(b""),) * 2, _PULL, _PULL, _CLOSE)
    yield (CREATE, same, same, *ONE.pulls(3), same, _PULL, _CLOSE)
    yield (
        CREATE,
        CREATE,
        same,
        TWO.push(b"same"),
        ONE.push(b"other"),
        same,
        *ONE.pulls(3),
        TWO.pull,
    )
    for length in _LENGTHS:
        ups, downs, others = map(bytes, _ranges(length))
        kept = (ONE.push(ups), ONE.push(downs), TWO.push(others))
        yield (CREATE, CREATE, *kept, *(_PULL, TWO.pull) * 2, TWO.push(ups), _CLOSE)


def _contents_at_the_limit() -> Iterator[Ops]:
    """A chunk that lacks one piece of the limit, and that piece: bytes that somebody may count as
    characters, as nothing, or not at all once they are trimmed."""
    for piece in (b"0", b"\0", b" ", b"\r\n", b"\xc3\xa9", b"\xff"):
        most = ONE.push(piece * (HIGH_WATER_MARK // len(piece) - 1))
        yield (CREATE, *ONE.watched((most, ONE.push(piece), *ONE.pulls(3))))


def _messages(messages: Iterable[str]) -> Iterator[Ops]:
    for message in messages:
        yield (CREATE, _PULL, ONE.error(message), _PULL, _CLOSE, _PULL)


def _empty_messages() -> Iterator[Ops]:
    """Errors that a test for truth takes for none, with every op after them."""
    empty, (push, more) = ONE.error(""), ONE.pushes(2)
    befores: tuple[Ops, ...] = ((), (push,), (_CLOSE,), (push, _CLOSE), (_ERROR,), (push, _ERROR))
    thens: tuple[Ops, ...] = ((more,), (_PULL,), (_CLOSE,), (_ERROR,), (empty,), (_CLOSE, _ERROR))
    for before, then in product(befores, thens):
        yield (CREATE, *before, empty, *then, _PULL, *_probes(ONE))


def _ranges(length: int) -> Iterator[Iterator[int]]:
    """So many numbers below 256, three times, with hardly a place where two are alike."""
    for first, step in ((0, 1), (255, -2), (77, 3)):
        yield (number % 256 for number in range(first, first + step * length, step))


def _again_after_the_end() -> Iterator[Ops]:
    endings: tuple[Ops, ...] = ((ONE.delete,), (CLEAR,), (_CLOSE, ONE.delete), (_ERROR, CLEAR))
    befores: tuple[Ops, ...] = ((), (_PULL,), ONE.pushes(2))
    three, b = On(3), TWO.push(b"b")
    for ending, before in product(endings, befores):
        yield (
            *(CREATE, *before, *ending, *_probes(ONE), CREATE, *_probes(ONE)),
            *(b, TWO.pull, TWO.pull, CLEAR, CREATE),
            *(three.push(b"c"), ONE.push(b"a"), b, three.pull, TWO.pull),
        )
