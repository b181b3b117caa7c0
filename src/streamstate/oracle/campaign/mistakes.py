"""Recognises mistakes of adapters by what they leave in the answers.

Each is a guess that the answers support: a difference stays a difference all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from streamstate.model import Create, Push
from streamstate.oracle.adapters.implementation import ExchangeError, Fault, Request
from streamstate.oracle.programs.program import Program
from streamstate.oracle.verdict.comparing import returned_in, settled_in
from streamstate.oracle.verdict.deviation import Difference, Kind
from streamstate.oracle.verdict.tally import Mistake
from streamstate.wire import Json, WireError, encode_bytes, is_array, is_object, read_json

SHORT_BUFFER: Final = 4096
"""A line with at least so many bytes may be longer than what an adapter reads at once."""

_LOOKED_AT: Final = 100
"""How many further answers are read to find one that was due before them."""


class Recogniser:
    """Looks at the differences of a campaign in turn; O(length) each."""

    def __init__(self) -> None:
        self._first_number = 0

    def look(self, request: Request, difference: Difference) -> Mistake | None:
        """The mistake that a difference points to; None if it points to none."""
        match difference.kind:
            case Kind.RETURNED if isinstance(request.program[difference.at].op, Create):
                return self._renumbered(request, difference)
            case Kind.LATE:
                return Mistake.EARLY
            case Kind.FAILED if len(request.line()) > SHORT_BUFFER:
                return Mistake.CUT_LINES
            case Kind.OUTCOME | Kind.VIEW if _padded(difference.observed) == difference.expected:
                return Mistake.UNPADDED
            case Kind.OUTCOME if _is_joined(request, difference):
                return Mistake.JOINED
            case _:
                return None

    def _renumbered(self, request: Request, difference: Difference) -> Mistake | None:
        if any(isinstance(each.op, Create) for each in request.program[: difference.at]):
            return None
        before, number = self._first_number, returned_in(difference.observed)
        if type(number) is not int:
            return None
        self._first_number = number
        return Mistake.REUSED if number > before > 0 else None


def _is_joined(request: Request, difference: Difference) -> bool:
    """Whether a pull brought, in one, the chunk that was due and those pushed after it."""
    at = difference.at
    for wanted in settled_in(difference.expected):
        for got in settled_in(difference.observed):
            match wanted, got:
                case [int(pull), "value", str(due)], [int(other), "value", str(brought)]:
                    if pull == other and brought in _joined(request.program[:at], due):
                        return True
                case _:
                    pass
    return False


def _joined(program: Program, first: str) -> Iterator[str]:
    """All runs of two or more consecutive chunks, as one chunk each, from that one on."""
    pushed = [each.op.chunk for each in program if isinstance(each.op, Push)]
    for at, chunk in enumerate(pushed):
        if encode_bytes(chunk) == first:
            for end in range(at + 2, len(pushed) + 1):
                if any(pushed[at + 1 : end]):  # an empty one is not seen in it
                    yield encode_bytes(b"".join(pushed[at:end]))


def _padded(value: Json) -> Json:
    """The answer with every string read as careless base64 and written properly, except for the
    words for how a pull settled."""
    if isinstance(value, str):
        text = value.rstrip("=").replace("-", "+").replace("_", "/")
        return text + "=" * (-len(text) % 4)
    if is_object(value):
        return {**value, "queue": _padded(value["queue"])} if "queue" in value else value
    if is_array(value):
        match value:
            case [int(pull), "value", str(chunk)]:
                return [pull, "value", _padded(chunk)]
            case [_, "error" | "done", *_]:
                return value
            case _:
                return [_padded(each) for each in value]
    return value


def out_of_step(
    line: bytes, due: Request, asked: Collection[int], following: Iterator[bytes]
) -> str | None:
    """What it means that `line` is no answer to the request that is due: in words, or None.

    `asked` are the numbers of the other requests on their way. Some of the lines that follow are
    read: only they tell an answer out of its order from one left out.
    """
    number = _number_of(line)
    if number is None or number == due.seq:
        return _cut(due)
    if number not in asked:
        return "it was answered before" if 0 < number < due.seq else None
    try:
        late = any(_number_of(each) == due.seq for each in islice(following, _LOOKED_AT))
    except ExchangeError:
        late = False
    if late:
        return (
            "the answers are out of order; does the adapter start a program before the previous"
            " one has ended?"
        )
    return f"program {due.seq} was left out"


def on_a_long_line(error: ExchangeError, due: Request) -> str | None:
    """What an exchange that broke while a long line was to be answered may mean, or None."""
    crashed = error.fault is Fault.DIED and "was killed by" in error.message
    return _cut(due) if error.fault in {Fault.DIED, Fault.HUNG} and not crashed else None


def _cut(due: Request) -> str | None:
    length = len(due.line())
    if length <= SHORT_BUFFER:
        return None
    return f"the line to be answered has {length:,} bytes; does the adapter read all of it?"


def _number_of(line: bytes) -> int | None:
    try:
        value = read_json(line)
    except WireError:
        return None
    number = value.get("seq") if is_object(value) else None
    return number if type(number) is int else None
