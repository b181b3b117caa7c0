"""Mistakes in which the registry does another op than the one that was called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import itemgetter
from typing import Final, TypeAlias

from streamstate.model import (
    Close,
    Delete,
    Effect,
    Error,
    Idle,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Returned,
    Step,
    advance,
)
from streamstate.model.state import Queue
from streamstate.oracle.diagnosis.hypotheses.application import SOME_ERROR, Application, Change
from streamstate.oracle.diagnosis.hypotheses.places import cleared, following, others, preceding
from streamstate.wire.lent import BEFORE, BEHIND, written_over

_Instead: TypeAlias = Callable[[Op], Op | None]
"""The op that the registry does instead; None if it does the right one."""


def _instead(says: str, instead: _Instead) -> Change:
    """A clear does it to every stream."""

    def made(application: Application) -> Step:
        done = tuple(_done_instead(application, instead))
        if not done:
            return application.step
        state = application.before
        effects: tuple[Effect, ...] = ()
        for op in done:
            _, state, more = advance(state, op)
            effects += more
        return Step(application.step.rule, state, effects)

    return Change(says, made)


def _done_instead(application: Application, instead: _Instead) -> Iterator[Op]:
    deletes = tuple(map(Delete, cleared(application)))
    for op in deletes or (application.op,):
        other = instead(op)
        if other is not None:
            yield other


def _end_with(kind: Callable[[int], Op]) -> _Instead:
    def instead(op: Op) -> Op | None:
        return kind(op.stream) if isinstance(op, Close | Error | Delete) else None

    return instead


def _failing(op: Op) -> Op | None:
    return Error(op.stream, SOME_ERROR) if isinstance(op, Close | Delete) else None


def _pushing(chunk: Callable[[bytes], bytes]) -> _Instead:
    def instead(op: Op) -> Op | None:
        return Push(op.stream, chunk(op.chunk)) if isinstance(op, Push) else None

    return instead


def _up_to(byte: bytes) -> Callable[[bytes], bytes]:
    return lambda chunk: chunk.partition(byte)[0]


def _cut_to(length: int) -> Callable[[bytes], bytes]:
    return lambda chunk: chunk[:length]


def _of_length_in(bits: int) -> Callable[[bytes], bytes]:
    return lambda chunk: chunk[: len(chunk) % 2**bits]


_LENGTHS: Final = (
    *(1, 2, 3, 4, 7, 8, 9, 15, 16, 31, 32, 63, 64, 100, 127, 128, 255, 256, 511, 512, 1_000),
    *(1_023, 1_024, 2_048, 4_095, 4_096, 8_192, 16_384, 32_767, 32_768, 65_535, 65_536, 100_000),
    *(131_071, 131_072, 1_048_576),
)
"""How many bytes a registry may set aside for a chunk."""


def _failing_with(change: Callable[[str], str]) -> _Instead:
    def instead(op: Op) -> Op | None:
        if not (isinstance(op, Error) and isinstance(op.value, str)):
            return None
        return Error(op.stream, change(op.value))

    return instead


def _as_text(chunk: bytes) -> bytes:
    return chunk.decode(errors="replace").encode()


def _to(number: Callable[[int], int]) -> _Instead:
    def instead(op: Op) -> Op | None:
        return replace(op, stream=number(op.stream)) if isinstance(op, _ON_STREAMS) else None

    return instead


_NOWHERE: Final = 2**31 - 1
"""A number that no stream has."""


def _as_ascii(message: str) -> str:
    return message.encode("ascii", "replace").decode()


def _well_formed(message: str) -> str:
    return message.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _up_to_zero(message: str) -> str:
    return message.partition("\0")[0]


_ON_STREAMS: Final = (Push, Pull, Close, Error, Delete, IsQueueFull)


def _done_to(says: str, which: Callable[[Application], tuple[int, ...]], *, too: bool) -> Change:
    """Does the op on other streams: also, if `too`, or instead of the op's own. Says nothing of
    what it returns there."""

    def made(application: Application) -> Step:
        op, numbers = application.op, which(application)
        if not (isinstance(op, _ON_STREAMS) and numbers) or (too and isinstance(op, Pull)):
            return application.step
        rule, state, effects = application.step
        if not too:
            state, effects = application.before, tuple(filter(_is_returned, effects))
        for number in numbers:
            _, state, more = advance(state, replace(op, stream=number))
            effects += tuple(effect for effect in more if not _is_returned(effect))
        return Step(rule, state, effects)

    return Change(says, made)


def _is_returned(effect: Effect) -> bool:
    return isinstance(effect, Returned)


def _one(which: Callable[[Application], int | None]) -> Callable[[Application], tuple[int, ...]]:
    def found(application: Application) -> tuple[int, ...]:
        number = which(application)
        return () if number is None else (number,)

    return found


def _all_in_one(application: Application) -> Step:
    """Counts what is queued on all streams against the limits of one."""
    op, before = application.op, application.before
    stream = before.find(op.stream) if isinstance(op, IsQueueFull) else None
    if not (isinstance(op, IsQueueFull) and isinstance(stream, Idle)):
        return application.step
    queues = [each.queue for _, each in before.streams if isinstance(each, Idle)]
    chunks = tuple(chunk for queue in queues for chunk in queue.chunks())
    together = replace(stream, queue=Queue((), chunks, sum(queue.size for queue in queues)))
    counted = replace(before, streams=before.streams_with(op.stream, together))
    return application.step._replace(effects=advance(counted, op).effects)


def other_ops() -> Iterator[Change]:
    """Mistakes in which the registry does another op."""
    yield _instead("does what a close does", _end_with(Close))
    yield _instead("does what a delete does", _end_with(Delete))
    yield _instead("does what an error does", _failing)
    yield from _of_memory()
    yield _instead("loses the last byte of the pushed chunk", _pushing(lambda chunk: chunk[:-1]))
    yield _instead("loses the first byte of the pushed chunk", _pushing(lambda chunk: chunk[1:]))
    yield _instead("cuts the pushed chunk at a zero byte", _pushing(_up_to(b"\0")))
    yield _instead("cuts the pushed chunk at a byte 0xff", _pushing(_up_to(b"\xff")))
    yield _instead("takes the pushed chunk for text", _pushing(_as_text))
    yield _instead(
        "cuts zero bytes off the end of the pushed chunk",
        _pushing(lambda chunk: chunk.rstrip(b"\0")),
    )
    yield _instead(
        "cuts a line feed off the end of the pushed chunk, unless it is all of it",
        _pushing(lambda chunk: chunk[:-1] if chunk[1:].endswith(b"\n") else chunk),
    )
    yield _instead("cuts zero bytes off its beginning", _pushing(lambda chunk: chunk.lstrip(b"\0")))
    for length in _LENGTHS:
        yield _instead(f"cuts the pushed chunk to {length:,} bytes", _pushing(_cut_to(length)))
        yield _instead(
            f"cuts the error value to {length:,} characters",
            _failing_with(itemgetter(slice(length))),
        )
    for bits in (8, 16):
        says = f"counts the length of the pushed chunk in {bits} bits"
        yield _instead(says, _pushing(_of_length_in(bits)))
    yield _instead("strips the error value", _failing_with(str.strip))
    yield _instead("takes the error value for ASCII", _failing_with(_as_ascii))
    yield _instead("takes the error value for Unicode text", _failing_with(_well_formed))
    yield _instead("cuts the error value at a zero", _failing_with(_up_to_zero))
    yield _instead("does not find the stream", _to(lambda _number: _NOWHERE))._replace(
        of_any_op=True
    )
    yield _instead("loses the pushed bytes", _pushing(lambda _chunk: b""))
    yield _instead("reverses the pushed bytes", _pushing(lambda chunk: chunk[::-1]))
    yield _instead("acts on the first stream", _to(lambda _number: 1))
    yield _instead("acts on the stream before", _to(lambda number: number - 1))
    yield from map(_wrapping, range(2, 31))
    yield _done_to("acts on the following stream", _one(following), too=False)
    yield _done_to("acts on the following stream too", _one(following), too=True)
    yield _done_to("acts on the preceding stream too", _one(preceding), too=True)
    yield _done_to("acts on a stream beside it too", _one(_beside), too=True)
    yield _done_to("acts on all streams", others, too=True)
    yield _done_to("acts on the newest stream", _one(_newest), too=False)
    yield _done_to("acts on the oldest stream", _one(_oldest), too=False)
    yield Change("counts what is queued on all streams", _all_in_one)


def _of_memory() -> Iterator[Change]:
    """Mistakes about the memory in which a chunk lies, as adapters that lend show them."""
    start, end = len(BEFORE), len(BEHIND)
    yield _instead("keeps the memory of the pushed chunk, not its bytes", _pushing(written_over))
    for says, piece in (
        ("all of the memory", slice(None)),
        ("the beginning of the memory", slice(-start - end)),
        ("the memory up to the end of the chunk", slice(-end)),
        ("the memory from the chunk on", slice(start, None)),
    ):
        yield _instead(f"takes {says} in which the pushed chunk lay", _pushing(_taken_from(piece)))


def _taken_from(piece: slice) -> Callable[[bytes], bytes]:
    return lambda chunk: (BEFORE + chunk + BEHIND)[piece]


def _beside(application: Application) -> int | None:
    number = following(application)
    return preceding(application) if number is None else number


def _newest(application: Application) -> int | None:
    return max((number for number, _ in application.before.streams), default=None)


def _oldest(application: Application) -> int | None:
    return min((number for number, _ in application.before.streams), default=None)


def _wrapping(bits: int) -> Change:
    says = f"takes {bits} bits of the number"
    return _instead(says, _to(lambda number: number % 2**bits))._replace(of_any_op=True)
