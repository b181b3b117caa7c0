"""Checks a file with several processes at once: recordings are split by stream, see `shares`.

A stretch of lines that each concern one stream is split, judged, and put together again before any
other line is looked at: an op on all streams, a line that begins or ends a recording, or one of an
exchange. Those are for the checker itself, which so has the whole state, and says what it says of a
file that is not split.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import BinaryIO, Final, NamedTuple, TypeAlias

from streamstate.model import Dialect
from streamstate.oracle.recordings.check import Checker
from streamstate.oracle.recordings.follower import Follower
from streamstate.oracle.recordings.lines import Garbled, raw_lines, read_line
from streamstate.oracle.recordings.shares import (
    Judged,
    Numbers,
    OneStream,
    Piece,
    Router,
    concerning_one,
    whole,
)
from streamstate.oracle.verdict.recording import FileVerdict

Begin: TypeAlias = Callable[[Sequence[Piece]], Callable[[], Sequence[Judged]]]
"""Begins to `judge` pieces, in any processes; what it returns waits for what came of them."""

LONGEST_STRETCH: Final = 100_000
"""Lines that are split at once. They are held, twice: some are judged while others are read."""

_MOST_BYTES: Final = 2**25

SHORTEST_STRETCH: Final = 2_000
"""Lines from which on it is worth the while."""


def check_split(
    name: str,
    file: BinaryIO,
    dialect: Dialect | None,
    shares: int,
    begin: Begin,
    stretch: tuple[int, int] = (SHORTEST_STRETCH, LONGEST_STRETCH),
) -> FileVerdict:
    """What `check` says of the file, with its recordings split into so many shares.

    Holds two stretches and what the registry held, however long the file is. Raises `OSError` if
    it cannot read the file, and what `begin` raises.
    """
    return _Splitting(name, dialect, shares, begin, stretch).go_through(file)


class _Stretch:
    """Lines that each concern one stream, in order: as they are, and by share."""

    def __init__(self, shares: int) -> None:
        self.lines: Final[list[tuple[int, bytes]]] = []
        self.numbers: Final = array("q")
        self.pieces: Final = [Piece() for _ in range(shares)]
        self.bytes = 0

    def add(self, number: int, found: OneStream, router: Router) -> None:
        """One more."""
        data = found.string
        router.add(number, found, self.pieces)
        self.numbers.append(number)
        self.lines.append((number, data))
        self.bytes += len(data)

    def upto(self, number: int) -> int:
        """How many of the lines come no later than that one."""
        return bisect_right(self.numbers, number)


class _Sent(NamedTuple):
    """A stretch that is judged at the moment, and the numbers that are given next after it."""

    stretch: _Stretch
    after: Numbers
    judged: Callable[[], Sequence[Judged]]


class _Splitting(Checker):
    def __init__(
        self,
        name: str,
        dialect: Dialect | None,
        shares: int,
        begin: Begin,
        stretch: tuple[int, int],
    ) -> None:
        super().__init__(name, dialect)
        self._router: Final = Router(shares)
        self._begin_judging: Final = begin
        self._shortest, self._longest = stretch
        self._stretch: _Stretch | None = None
        self._sent: _Sent | None = None
        self._knows_state = False  # whether the router does
        self._last = 0

    def go_through(self, file: BinaryIO) -> FileVerdict:
        """See `Checker.go_through`."""
        for number, data in raw_lines(file):
            of_one = isinstance(data, bytes) and self._splits and concerning_one(data)
            if of_one:
                ended = self._collect(number, of_one)
            elif isinstance(data, bytes) and not data.strip():
                continue
            else:
                ended = self._all_judged() or self._whole(number, data)
            if ended is not None:
                return ended
        return self._all_judged() or self.finish(self._last)

    def _collect(self, number: int, found: OneStream) -> FileVerdict | None:
        """Put the line into the stretch at hand, which is sent once it is full."""
        stretch = self._stretch
        if stretch is None:
            self._stretch = stretch = _Stretch(self._router.shares)
        if not self._knows_state:
            self._router.begin(self._followed().state)
            self._knows_state = True
        stretch.add(number, found, self._router)
        self._last = number
        is_full = len(stretch.lines) >= self._longest or stretch.bytes >= _MOST_BYTES
        return self._send() if is_full else None

    @property
    def _splits(self) -> bool:
        """Whether a recording is gone through: a line that may begin one is for the checker."""
        return self._garbled is None and self.follower is not None

    def _followed(self) -> Follower:
        assert self.follower is not None
        return self.follower

    def _whole(self, number: int, data: bytes | Garbled) -> FileVerdict | None:
        """A line that is not split: whoever reads on begins with the state after it."""
        self._knows_state = False
        self._last = number
        return self._seen(number, data)

    def _seen(self, number: int, data: bytes | Garbled) -> FileVerdict | None:
        value = data if isinstance(data, Garbled) else read_line(data)
        assert value is not None, "it is not blank"
        return self.see(number, value)

    def _all_judged(self) -> FileVerdict | None:
        return self._send() or self._receive()

    def _send(self) -> FileVerdict | None:
        """Have the stretch at hand judged, once the one before it is."""
        ended = self._receive()
        stretch, self._stretch = self._stretch, None
        if ended is not None or stretch is None:
            return ended
        if self._garbled is not None:
            return self.finish(stretch.numbers[0])
        if len(stretch.lines) < self._shortest:
            return self._here(stretch)
        follower = self._followed()
        self._router.divide(follower.state, stretch.pieces, deviates=follower.deviates)
        self._sent = _Sent(stretch, self._router.next, self._begin_judging(stretch.pieces))
        return None

    def _here(self, stretch: _Stretch) -> FileVerdict | None:
        ends = (self._seen(*line) for line in stretch.lines)
        return next((ended for ended in ends if ended is not None), None)

    def _receive(self) -> FileVerdict | None:
        sent, self._sent = self._sent, None
        return None if sent is None else self._put_together(*sent[:2], sent.judged())

    def _put_together(
        self, stretch: _Stretch, after: Numbers, judged: Sequence[Judged]
    ) -> FileVerdict | None:
        """What came of a stretch, as if it had not been split; the verdict if it ends the check."""
        wrong = min((each.wrong for each in judged if each.wrong), key=_line, default=None)
        broken = min((each.broken for each in judged if each.broken), key=_line, default=None)
        taken = len(stretch.numbers)
        if broken is not None:
            taken = stretch.upto(broken[0]) - isinstance(broken[1], Garbled)
            if wrong is not None and wrong[0] >= broken[0]:
                wrong = None
        follower = self._followed()
        if wrong is not None and not follower.deviates:
            followed = stretch.upto(wrong[0])
            self._ops += followed
            if isinstance(wrong[1], str):
                return self._ended_by(stretch, wrong[0], wrong[1])
            self._unfollowed += taken - followed
            self._count(wrong[1])
            follower.deviates = True
        elif follower.deviates:
            self._unfollowed += taken
        else:
            self._ops += taken
            follower.go_on_from(whole([each.state for each in judged], after))
        return self._go_on(stretch, broken)

    def _go_on(
        self, stretch: _Stretch, broken: tuple[int, Garbled | str] | None
    ) -> FileVerdict | None:
        """After what was right or wrong: at the first line that is none."""
        match broken:
            case None:
                self._begun = True
                return None
            case number, str(said):
                return self._ended_by(stretch, number, said)
            case number, Garbled() as garbled:
                place = stretch.upto(number)
                self._begun = self._begun or place > 1
                self._garbled = number, garbled
                is_last = place == len(stretch.numbers)
                return None if is_last else self.finish(stretch.numbers[place])

    def _ended_by(self, stretch: _Stretch, number: int, said: str) -> FileVerdict:
        self._begun = self._begun or stretch.upto(number) > 1
        return self._verdict(self._flaw(number, said))


def _line(of: tuple[int, object]) -> int:
    return of[0]
