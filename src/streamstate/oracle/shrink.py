"""From a program that deviates to one in which nothing is left that could be left out.

Every smaller program that is tried is a whole program, run alone; it is taken if it deviates in
the same way. What is tried: fewer ops, whole streams gone, smaller chunks, lower numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias, assert_never

from streamstate.model import (
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Seen,
)
from streamstate.oracle.difference import Kind
from streamstate.oracle.laboratory import Finding, Laboratory, first_found
from streamstate.oracle.machine import Word, word

MAX_RUNS: Final = 400
"""How many programs are run at most to shrink one."""

_Ops: TypeAlias = tuple[Op, ...]


def shrink(laboratory: Laboratory, start: Finding, max_runs: int = MAX_RUNS) -> Finding:
    """The smallest program found that deviates as `start` does. O(`max_runs`) runs."""
    limit = laboratory.runs + max_runs
    alike = alike_to(start)
    best = _cut_off(laboratory, start, alike)
    improved = True
    while improved and laboratory.runs < limit:
        improved = False
        for smaller_programs in (_fewer_ops, _fewer_streams, _smaller_chunks, _lower_numbers):
            better = _descend(laboratory, best, smaller_programs, alike, limit)
            improved = improved or better is not best
            best = better
    return best


def alike_to(start: Finding) -> Callable[[Finding], bool]:
    """Whether another finding is of the same cause: its rule too, where that is not a guess."""
    kind, detail = start.difference.kind, start.difference.detail
    guessed = kind in {Kind.VIEW, Kind.FAILED, Kind.LATE}

    def alike(other: Finding) -> bool:
        same = other.difference.kind is kind and other.difference.detail == detail
        return same and (guessed or other.rule is start.rule)

    return alike


def _cut_off(laboratory: Laboratory, start: Finding, alike: Callable[[Finding], bool]) -> Finding:
    """Without what comes after the difference, where it still shows then."""
    cut = start.program[: start.difference.at + 1]
    if len(cut) == len(start.program):
        return start
    return first_found(laboratory, [cut], start.limits, alike) or start


def _descend(
    laboratory: Laboratory,
    start: Finding,
    smaller_programs: Callable[[_Ops], Iterator[Sequence[_Ops]]],
    alike: Callable[[Finding], bool],
    limit: int,
) -> Finding:
    """Take the first smaller program that is alike, again and again."""
    best = start
    tried: set[Word] = {best.program}
    searching = True
    while searching:
        searching = False
        for batch in smaller_programs(tuple(letter.op for letter in best.program)):
            words = [made for made in map(word, batch) if made and made not in tried]
            tried.update(words)
            room = limit - laboratory.runs
            if room <= 0:
                return best
            found = first_found(laboratory, words[:room], best.limits, alike)
            if found is not None:
                best = found
                searching = True
                break
    return best


def _fewer_ops(ops: _Ops) -> Iterator[Sequence[_Ops]]:
    """Without a half, a quarter … one op, at each place; then without two ops at once."""
    size = max(1, len(ops) // 2)
    while size >= 1:
        yield [ops[:at] + ops[at + size :] for at in range(0, len(ops), size)]
        if size == 1:
            break
        size //= 2
    if len(ops) <= 10:
        pairs = ((a, b) for b in range(len(ops)) for a in range(b))
        yield [ops[:a] + ops[a + 1 : b] + ops[b + 1 :] for a, b in pairs]


def _fewer_streams(ops: _Ops) -> Iterator[Sequence[_Ops]]:
    """Without one stream, its create and its ops, the later ones moving up."""
    creates = [at for at, op in enumerate(ops) if isinstance(op, Create)]
    without: list[_Ops] = []
    for number, at in enumerate(creates, start=1):
        rest = (op for index, op in enumerate(ops) if index != at and _stream(op) != number)
        without.append(tuple(_moved_up(op, number) for op in rest))
        # The ops may matter and the create not: what was this stream is then the one before it.
        others = (op for index, op in enumerate(ops) if index != at)
        without.append(tuple(_moved_up(op, max(number, 2) - 1) for op in others))
    yield without


def _stream(op: Op) -> int | None:
    match op:
        case Create() | Clear() | CancelPull() | Seen():
            return None
        case (
            Push(stream)
            | Pull(stream)
            | Close(stream)
            | Error(stream)
            | IsQueueFull(stream)
            | Delete(stream)
            | Get(stream)
        ):
            return stream
        case _:
            assert_never(op)


def _on(op: Op, stream: int) -> Op:
    """The same op on another stream."""
    match op:
        case Create() | Clear() | CancelPull() | Seen():
            return op
        case Push() | Pull() | Close() | Error() | IsQueueFull() | Delete() | Get():
            return replace(op, stream=stream)
        case _:
            assert_never(op)


def _moved_up(op: Op, gone: int) -> Op:
    stream = _stream(op)
    return op if stream is None or stream <= gone else _on(op, stream - 1)


def _smaller_chunks(ops: _Ops) -> Iterator[Sequence[_Ops]]:
    """One chunk made shorter: empty, one byte, then halfway from above; then made plainer."""
    for at, op in enumerate(ops):
        if not isinstance(op, Push) or not op.chunk:
            continue
        size = len(op.chunk)
        sizes = {0, 1, size - 1}
        step = size // 2
        while step:
            sizes.add(size - step)
            step //= 2
        shorter = [op.chunk[:length] for length in sorted(sizes) if length < size]
        plain = b"\x01" * size
        if op.chunk != plain and size > 1:
            shorter.append(plain)
        yield [(*ops[:at], replace(op, chunk=chunk), *ops[at + 1 :]) for chunk in shorter]


def _lower_numbers(ops: _Ops) -> Iterator[Sequence[_Ops]]:
    """One stream's ops sent to a lower number: 1, 2 … and halfway there, and one less."""
    numbers = sorted({stream for op in ops if (stream := _stream(op)) is not None})
    for number in numbers:
        lower = sorted({1, 2, number // 2, number - 1} - {number, 0, -1})
        sent = (value for value in lower if value < number)
        yield [
            tuple(_on(op, value) if _stream(op) == number else op for op in ops) for value in sent
        ]
