"""The part of a recording that concerns some streams, followed without the rest.

Which streams a share has depends on their numbers alone. What an op on one stream means does not
depend on the others, but for the numbers that creates, pulls and waiting pushes are given; these
come with each line. So a share judges its lines as a check of all lines does, *as long as all lines
before were answered rightly*: only then what the router knows of the others' lines is true. The
first line in the file that any share finds wrong is the first that is wrong, and what shares say of
later lines of that recording counts for nothing.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Handed, PullId, PushId, State, Stream, StreamId, Waiting, initial
from streamstate.model.invariants import waiting_pushes
from streamstate.oracle.recordings.follower import Follower
from streamstate.oracle.recordings.lines import TOO_DEEP, Garbled, read_line
from streamstate.oracle.verdict.recording import FileDeviation
from streamstate.wire import Json, WireError

_OP: Final = re.compile(
    rb'\s*\{\s*"op"\s*:\s*\[\s*"(?:(create)"\s*\]'
    rb'|(push|pull|close|error|is_queue_full|delete|get|cancel_pull|cancel_push|seen)"\s*,\s*(\d{1,18})\s*[,\]])'
)
_NOTHING_SETTLED: Final = b'"settled":[]}\n'
_OVER: Final = re.compile(rb'\[\s*(\d{1,18})\s*,\s*"(?:done|error)"')
"""A pull that settled without a chunk. No text in JSON holds that: its quotes are escaped."""
_PUSH_OVER: Final = re.compile(rb'\[\s*"push"\s*,\s*(\d{1,18})\s*,')
_WAITS: Final = re.compile(rb'"returned"\s*:\s*null')


_NOTHING: Final = initial()

Numbers: TypeAlias = tuple[StreamId, PullId, PushId]
"""Those that are given next."""

OneStream: TypeAlias = re.Match[bytes]
"""A line that is an op on one stream, see `concerning_one`."""


@dataclass(slots=True)
class Piece:
    """Lines of one recording that concern the streams of a share, and the state before the first.
    Before each line, `streams`, `pulls` and `pushes` have the numbers that are given next."""

    state: State = _NOTHING
    deviates: bool = False
    numbers: array[int] = field(default_factory=lambda: array("q"))
    streams: array[int] = field(default_factory=lambda: array("q"))
    pulls: array[int] = field(default_factory=lambda: array("q"))
    pushes: array[int] = field(default_factory=lambda: array("q"))
    lines: list[bytes] = field(default_factory=list)


class Judged(NamedTuple):
    """What came of a piece. `wrong` is the first line that was answered wrongly, or whose answer is
    none (then a text says why): it counts unless another was wrong before. `broken` is the first
    line that is no line of a recording, whatever came before. Nothing is said of later ones."""

    state: State
    wrong: tuple[int, FileDeviation | str] | None
    broken: tuple[int, Garbled | str] | None


def judge(piece: Piece) -> Judged:
    """Follow a piece. O(lines)."""
    follower = Follower(piece.state)
    follower.deviates = piece.deviates
    wrong: tuple[int, FileDeviation | str] | None = None
    of_each = zip(piece.streams, piece.pulls, piece.pushes, strict=True)
    for number, numbers, data in zip(piece.numbers, of_each, piece.lines, strict=True):
        line = read_line(data)
        assert line is not None, "it is an op"
        if isinstance(line, Garbled):
            return Judged(piece.state, wrong, (number, line))
        follower.number_from(*numbers)
        try:
            deviation = follower.follow(number, line)
        except (WireError, RecursionError) as error:
            said = str(error) if isinstance(error, WireError) else TOO_DEEP
            if follower.deviates or _is_none(follower, number, line):
                return Judged(piece.state, wrong, (number, said))
            wrong = number, said
            follower.deviates = True
        else:
            if deviation is not None:
                wrong = number, deviation
    return Judged(piece.state if follower.deviates else follower.state, wrong, None)


def _is_none(follower: Follower, number: int, line: Mapping[str, Json]) -> bool:
    """Whether the line is none of a recording, even after one that was answered wrongly."""
    follower.deviates = True
    try:
        follower.follow(number, line)
    except (WireError, RecursionError):
        return True
    return False


class Router:
    """Knows to which share each line belongs: that of its stream, or of the stream of its pull."""

    def __init__(self, shares: int) -> None:
        self.shares: Final = shares
        self._next_stream = self._next_pull = self._next_push = 1
        self._pulls: Final[dict[int, int]] = {}
        self._pushes: Final[dict[int, int]] = {}

    def begin(self, state: State) -> None:
        """What follows was recorded from that state on. O(state)."""
        self._next_stream, self._next_pull = state.next_stream, state.next_pull
        self._next_push = state.next_push
        self._pulls.clear()
        self._pushes.clear()
        for number, stream in state.streams:
            if isinstance(stream, Waiting):
                self._pulls.update((pull, number) for pull in (stream.first, *stream.others))
            self._pushes.update((each.push, number) for each in waiting_pushes(stream))
        self._pulls.update((each.pull, each.stream) for each in state.handed)

    def divide(self, state: State, pieces: Sequence[Piece], *, deviates: bool) -> None:
        """Give each share its part of the state before its lines. O(state)."""
        for share, piece in enumerate(pieces):
            piece.deviates = deviates
            piece.state = replace(
                state,
                streams=tuple(each for each in state.streams if each[0] % self.shares == share),
                handed=tuple(each for each in state.handed if each.stream % self.shares == share),
            )

    @property
    def next(self) -> Numbers:
        """The numbers that are given next, after all lines so far."""
        return self._next_stream, self._next_pull, self._next_push

    def add(self, number: int, found: OneStream, pieces: Sequence[Piece]) -> None:
        """Add a line to the piece of its share. O(length)."""
        data = found.string
        stream, pull, push = self.next
        create, name, of = found.groups()
        if create is not None:
            share = stream
            self._next_stream += 1
        elif name in _OF_PULLS:
            share = self._pulls.pop(int(of), 0)
        elif name == b"cancel_push":
            share = self._pushes.pop(int(of), 0)
        else:
            share = int(of)
            if name == b"pull":
                self._pulls[pull] = share
                self._next_pull += 1
            elif name == b"push" and _WAITS.search(data):
                self._pushes[push] = share
                self._next_push += 1
        if not data.endswith(_NOTHING_SETTLED):
            for over in _OVER.findall(data):
                self._pulls.pop(int(over), None)
            for over in _PUSH_OVER.findall(data):
                self._pushes.pop(int(over), None)
        piece = pieces[share % self.shares]
        piece.numbers.append(number)
        piece.streams.append(stream)
        piece.pulls.append(pull)
        piece.pushes.append(push)
        piece.lines.append(data)


def concerning_one(data: bytes) -> OneStream | None:
    """A line, if it is an op that concerns one stream, written as recordings are."""
    return None if b'"state"' in data else _OP.match(data)


def whole(states: Sequence[State], after: Numbers) -> State:
    """The state of which those are the parts, where those numbers are given next. O(state)."""
    streams = sorted((each for state in states for each in state.streams), key=_number)
    handed = sorted((each for state in states for each in state.handed), key=_pull)
    return replace(
        states[0],
        next_stream=after[0],
        next_pull=after[1],
        next_push=after[2],
        streams=tuple(streams),
        handed=tuple(handed),
    )


_OF_PULLS: Final = (b"seen", b"cancel_pull")


def _number(of: tuple[StreamId, Stream]) -> StreamId:
    return of[0]


def _pull(of: Handed) -> PullId:
    return of.pull
