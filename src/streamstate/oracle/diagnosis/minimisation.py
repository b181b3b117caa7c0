"""Shrinks a program that deviates to one from which nothing can be left out.

It runs each smaller program whole and alone, and takes it if it deviates in the same way. It tries
fewer ops (also of those done together), whole streams gone, several pushes made one, smaller
chunks, lower numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import ceil
from typing import Final

from streamstate.model import CancelPush, Create, Op, Push
from streamstate.oracle.campaign.bench import effort_of
from streamstate.oracle.campaign.runner import Finding, Runner, first_found
from streamstate.oracle.diagnosis.minimising_rounds import LONG, fewer_rounds
from streamstate.oracle.diagnosis.minimising_runs import (
    fewer_creates,
    fewer_of_a_kind,
    fewer_of_two_runs,
    merged_pushes,
    one_big_push,
    run_to_a_power,
)
from streamstate.oracle.programs.editing import (
    Ops,
    each_changed,
    inner_ops,
    moved_up,
    put_on,
    stream_of,
    without,
)
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.races import may_be_asked
from streamstate.oracle.verdict.deviation import Kind
from streamstate.wire import Together, Turn

MAX_RUNS: Final = 2_000
"""How many programs may run to shrink one; long ones count as several."""


_EACH: Final = 65
"""All sizes of chunks and numbers of streams below this are tried, and some of the bigger ones."""


_TOO_LONG: Final = 1_500
"""A program with more ops is shortened only by rounds: anything else would take too long."""


def shrink(runner: Runner, start: Finding, max_runs: int = MAX_RUNS) -> Finding:
    """The smallest program found that deviates as `start` does: minimal, unless the runs were too
    few. O(`max_runs`) runs."""
    alike = alike_to(start)
    limit = runner.effort + max_runs
    best = _cut_off(runner, start, alike)
    if len(best.program) >= LONG:
        best = _descend(
            runner, best, fewer_of_a_kind, alike, limit
        )  # fewer turns to find rounds in
        best = fewer_rounds(runner, best, alike, limit)
    if len(best.program) > _TOO_LONG:
        return best
    improved = True
    while improved and runner.effort < limit:
        improved = False
        for smaller_programs in (
            fewer_creates,  # first, as it takes few runs and makes all that follow take fewer
            fewer_of_a_kind,
            run_to_a_power,
            _fewer_ops,
            _fewer_together,
            _fewer_streams,
            fewer_of_two_runs,
            merged_pushes,
            one_big_push,
            _smaller_chunks,
            _lower_numbers,
        ):
            better = _descend(runner, best, smaller_programs, alike, limit)
            improved = improved or better is not best
            best = better
    return replace(best, minimal=runner.effort < limit and not runner.is_over())


def alike_to(start: Finding) -> Callable[[Finding], bool]:
    """Whether another finding has the same cause: the same rule too, unless that is a guess."""
    kind, detail = start.difference.kind, start.difference.detail
    guessed = kind in {Kind.VIEW, Kind.FAILED, Kind.LATE}

    def alike(other: Finding) -> bool:
        same = other.difference.kind is kind and _shows_in(other.difference.detail, kind, detail)
        return same and (guessed or other.rule is start.rule)

    return alike


def _shows_in(other: str, kind: Kind, detail: str) -> bool:
    """Whether the difference shows there; for a view, in one of the keys."""
    return other == detail or (kind is Kind.VIEW and not _keys(other).isdisjoint(_keys(detail)))


def _keys(detail: str) -> frozenset[str]:
    return frozenset(detail.split(", "))


def _cut_off(runner: Runner, start: Finding, alike: Callable[[Finding], bool]) -> Finding:
    """The program without what comes after the difference, if it still shows then."""
    cut = start.program[: start.difference.at + 1]
    if len(cut) == len(start.program):
        return start
    return first_found(runner, [cut], start.limits, alike) or start


def _descend(
    runner: Runner,
    start: Finding,
    smaller_programs: Callable[[Ops], Iterator[Iterable[Ops]]],
    alike: Callable[[Finding], bool],
    limit: float,
) -> Finding:
    """Take the first smaller program that is alike, again and again."""
    best = start
    model = runner.model(start.limits)
    tried: set[Program] = {best.program}
    searching = True
    while searching:
        searching = False
        for batch in smaller_programs(tuple(symbol.op for symbol in best.program)):
            if runner.effort >= limit or runner.is_over():
                return best
            askable = (ops for ops in _with_lower_pushes(batch) if may_be_asked(model, ops))
            words = (made for made in map(program_of, askable) if made and made not in tried)
            room = ceil((limit - runner.effort) / effort_of(best.program))
            chosen = list(islice(words, room))  # of a long program there are more than can be run
            tried.update(chosen)
            found = first_found(runner, chosen, best.limits, alike)
            if found is not None:
                best = found
                searching = True
                break
    return best


def _with_lower_pushes(batch: Iterable[Ops]) -> Iterator[Ops]:
    """Each program, and, if it gives pushes up, the program in which they are one less: where a
    push that waits is left out, those after it have lower numbers."""
    for ops in batch:
        yield ops
        lower = tuple(each_changed(turn, _lower_push) for turn in ops)
        if lower != ops:
            yield lower


def _lower_push(op: Op) -> Op:
    return CancelPush(op.push - 1) if isinstance(op, CancelPush) and op.push > 1 else op


def _fewer_ops(ops: Ops) -> Iterator[Iterable[Ops]]:
    """The program without a half, a quarter … one op, at each place; then without two ops at
    once."""
    size = max(1, len(ops) // 2)
    while size >= 1:
        yield (without(ops, at, at + size) for at in range(0, len(ops), size))
        if size == 1:
            break
        size //= 2
    if len(ops) <= 10:
        pairs = ((a, b) for b in range(len(ops)) for a in range(b))
        yield [without(without(ops, b, b + 1), a, a + 1) for a, b in pairs]


def _fewer_together(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The ops of a together one after the other, or one of them fewer; a single op left is no
    together."""
    for at, turn in enumerate(ops):
        if isinstance(turn, Together):
            before, inner, after = ops[:at], turn.ops, ops[at + 1 :]
            yield [(*before, *inner, *after)]
            fewer = (
                without((*before, *inner, *after), at + n, at + n + 1) for n in range(len(inner))
            )
            yield [_joined(each, at, at + len(inner) - 1) for each in fewer]


def _joined(ops: Ops, start: int, end: int) -> Ops:
    """The program with the turns from `start` to `end`, all of them ops, done together if they are
    several."""
    inner = tuple(op for op in ops[start:end] if not isinstance(op, Together))
    return ops if len(inner) < 2 else (*ops[:start], Together(inner), *ops[end:])


def _fewer_streams(ops: Ops) -> Iterator[Iterable[Ops]]:
    """The program without one stream, its create and its ops; later streams move up."""
    yield _each_without_a_stream(ops)


def _each_without_a_stream(ops: Ops) -> Iterator[Ops]:
    creates = [at for at, op in enumerate(ops) if isinstance(op, Create)]
    for number, at in enumerate(creates, start=1):
        rest = (op for index, op in enumerate(ops) if index != at and stream_of(op) != number)
        yield tuple(moved_up(op, number) for op in rest)
        # The ops may matter and the create not: what was this stream is then the one before it.
        others = (op for index, op in enumerate(ops) if index != at)
        yield tuple(moved_up(op, max(number, 2) - 1) for op in others)


def _smaller_chunks(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The program with one chunk made shorter, from the shortest up and then halfway from above;
    then made plainer."""
    for at, turn in enumerate(ops):
        for place, op in enumerate(inner_ops(turn)):
            if isinstance(op, Push) and op.chunk:
                smaller = [replace(op, chunk=chunk) for chunk in _smaller(op.chunk)]
                yield [(*ops[:at], _with(turn, place, each), *ops[at + 1 :]) for each in smaller]


def _smaller(chunk: bytes) -> Iterator[bytes]:
    size = len(chunk)
    sizes = {*range(min(size, _EACH)), size - 1}
    step = size // 2
    while step:
        sizes.add(size - step)
        step //= 2
    if size > 1:
        yield from (byte for byte in _TELLING_BYTES if byte in chunk)
        yield chunk[-1:]
    yield from (chunk[:length] for length in sorted(sizes) if length < size)
    yield from (chunk[size - length :] for length in sorted(sizes) if 0 < length < size)
    plain = b"\x01" * size
    if chunk != plain and size > 1:
        yield plain


_TELLING_BYTES: Final = tuple(bytes([each]) for each in b'\0\n\r "\\\x7f\x80\xbf\xc3\xe9\xfb\xff')
"""Bytes that implementations stumble over: text, signed bytes, other alphabets."""


def _with(turn: Turn, place: int, op: Op) -> Turn:
    """The turn with another op at that place."""
    if isinstance(turn, Together):
        return Together((*turn.ops[:place], op, *turn.ops[place + 1 :]))
    return op


def _lower_numbers(ops: Ops) -> Iterator[Sequence[Ops]]:
    """The program with one stream's ops sent to a lower number: a small one, halfway there, and one
    less."""
    inner = (op for turn in ops for op in inner_ops(turn))
    numbers = sorted({stream for op in inner if (stream := stream_of(op)) is not None})
    for number in numbers:
        lower = {*range(1, min(number, _EACH)), number // 2, number - 1}
        yield [_sent(ops, number, value) for value in sorted(lower) if 0 < value < number]


def _sent(ops: Ops, number: int, lower: int) -> Ops:
    def sent(op: Op) -> Op:
        return put_on(op, lower) if stream_of(op) == number else op

    return tuple(each_changed(turn, sent) for turn in ops)
