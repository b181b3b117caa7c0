"""Goes through a file, and hands each line to whoever it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, Final

from streamstate.model import REFERENCE, Dialect, initial
from streamstate.oracle.recordings.exchanges import Exchange, dialect_of_vector, parse_asked, vector
from streamstate.oracle.recordings.follower import Follower
from streamstate.oracle.recordings.lines import TOO_DEEP, Garbled, Read, read_lines
from streamstate.oracle.verdict.recording import FileDeviation, FileVerdict, Flaw, Outcome
from streamstate.wire import Json, WireError, shown
from streamstate.wire.in_words import counted
from streamstate.wire.recorded import parse_start

MOST_REMARKS: Final = 20


def check(name: str, file: BinaryIO, dialect: Dialect | None = None) -> FileVerdict:
    """Check the recordings or exchanges in `file`, in `dialect`; or, if None, in the one that the
    file names, else `reference`.

    Goes through the file once, with a step of the model for each op; holds one line, and what the
    registry held. Raises `OSError` if it cannot read the file.
    """
    return Checker(name, dialect).go_through(file)


class Checker:
    """A file on its way to a verdict."""

    def __init__(self, name: str, dialect: Dialect | None) -> None:
        self._name: Final = name
        self._wanted: Final = dialect
        self._dialects: Final[dict[Dialect, None]] = {}
        self._remarks: Final[list[str]] = []
        self._exchange: Final = Exchange()
        self._recordings = self._programs = self._ops = self._deviating = 0
        self._passed_over = self._unfollowed = 0
        self._begun = False
        self._garbled: tuple[int, Garbled] | None = None  # the line before, if it is
        self._endless = False  # whether the recording at hand is still to have its end
        self._deviation: FileDeviation | None = None
        self.follower: Follower | None = None

    def go_through(self, file: BinaryIO) -> FileVerdict:
        """Check it all, up to the first line that cannot stand where it does."""
        number = 0
        for number, value in read_lines(file):
            ended = self.see(number, value)
            if ended is not None:
                return ended
        return self.finish(number)

    def see(self, number: int, value: Read) -> FileVerdict | None:
        """The next line; the verdict if it ends the check."""
        if self._garbled is not None:
            if not (type(value) is dict and "recording" in value):
                return self.finish(number)
            self._remark(f"line {self._garbled[0]:,} is cut off; another recording begins after it")
            self._endless = False
            self._garbled = None
        if isinstance(value, Garbled):
            self._garbled = number, value
            return None
        try:
            self.take(number, value)
            self._begun = True
        except WireError as error:
            return self._verdict(self._flaw(number, str(error)))
        except RecursionError:
            return self._verdict(self._flaw(number, TOO_DEEP))
        return None

    def finish(self, number: int) -> FileVerdict:
        """The verdict once line `number` was the last to be looked at."""
        return self._verdict(self._flaw_at_the_end(number, self._garbled))

    def take(self, number: int, line: Mapping[str, Json]) -> None:
        """Take one line. Raises `WireError` for a line that cannot stand there."""
        if "op" in line:
            self._op(number, line)
        elif "seq" in line and "cmd" not in line:
            asked, deviation = self._exchange.answer(number, line, self._own_dialect())
            self._count_program(len(asked.turns), deviation)
        elif "program" in line and "cmd" not in line:
            self._vector(number, line)
        elif "recording" in line:
            start = parse_start(line, self._wanted)
            self._dialects[start.dialect] = None
            self._begin(Follower(start))
            self._endless = True
        elif "end" in line:
            self._end(line["end"])
        else:
            self._message(line)

    def _op(self, number: int, line: Mapping[str, Json]) -> None:
        follower = self.follower
        if follower is None:
            follower = self._begin(Follower(initial(self._own_dialect())))
        if follower.deviates:
            self._unfollowed += 1
        else:
            self._ops += 1
        deviation = follower.follow(number, line)
        if deviation is not None:
            self._count(deviation)

    def _begin(self, follower: Follower) -> Follower:
        self._remark_unchecked()
        self._remark_endless()
        self._recordings += 1
        self.follower = follower
        return follower

    def _remark_unchecked(self) -> None:
        if self.follower is not None and self.follower.unchecked:
            self._remark(
                f"not checked: {counted(self.follower.unchecked, 'cancel')} of pulls made"
                f" before recording {self._recordings} began"
            )

    def _remark_endless(self) -> None:
        if self._endless:
            self._remark(
                f"recording {self._recordings} has no end: its process was killed, or still writes"
            )
        self._endless = False

    def _end(self, reason: Json) -> None:
        if self.follower is None:
            raise WireError("a recording ends where none began")
        if reason is not None:
            self._remark(f"recording {self._recordings} broke off: {shown(reason)}")
        self._remark_unchecked()
        self._endless = False
        self.follower = None

    def _vector(self, number: int, line: Mapping[str, Json]) -> None:
        dialect = dialect_of_vector(line, self._wanted)
        if dialect is None:
            self._passed_over += 1
            return
        self._dialects[dialect] = None
        asked = parse_asked(line)
        self._count_program(len(asked.turns), vector(number, asked, line, dialect))

    def _message(self, line: Mapping[str, Json]) -> None:
        match line:
            case {"cmd": "run"}:
                self._exchange.run(line)
            case {"cmd": "start"}:
                self._unanswered()
                self._exchange.start()
            case {"cmd": "stop"}:
                pass
            case {"protocol": _, "implementation": _}:
                self._exchange.hello(line)
            case _:
                raise WireError(f"{shown(dict(line))} is not a line of a recording or an exchange")

    def _own_dialect(self) -> Dialect:
        """The dialect for what names none."""
        dialect = REFERENCE if self._wanted is None else self._wanted
        self._dialects[dialect] = None
        return dialect

    def _count_program(self, ops: int, deviation: FileDeviation | None) -> None:
        self._programs += 1
        self._ops += ops
        if deviation is not None:
            self._count(deviation)

    def _count(self, deviation: FileDeviation) -> None:
        self._deviating += 1
        self._deviation = self._deviation or deviation

    def _remark(self, text: str) -> None:
        if len(self._remarks) < MOST_REMARKS:
            self._remarks.append(text)

    def _unanswered(self) -> None:
        if self._exchange.due:
            self._remark(f"not answered: {counted(self._exchange.due, 'program')}")

    def _flaw_at_the_end(self, number: int, garbled: tuple[int, Garbled] | None) -> Flaw | None:
        if garbled is None:
            return self._flaw(1, "the file is empty") if number == 0 else None
        at, value = garbled
        if value.cut and at == number and self._begun:
            self._remark(f"line {at:,}, the last, is cut off; the rest was checked")
            self._endless = False
            return None
        return self._flaw(at, value.why or "it is cut off")

    def _flaw(self, number: int, message: str) -> Flaw:
        return Flaw(Outcome.BROKEN if self._begun else Outcome.NOTHING, number, message)

    def _verdict(self, flaw: Flaw | None) -> FileVerdict:
        self._unanswered()
        self._remark_unchecked()
        if flaw is None:
            self._remark_endless()
        if self._unfollowed:
            self._remark(
                f"not checked: {counted(self._unfollowed, 'op')} of a recording after its first"
                " deviation"
            )
        if self._passed_over:
            self._remark(f"not for that dialect: {counted(self._passed_over, 'program')}")
        return FileVerdict(
            self._name,
            tuple(map(str, self._dialects)),
            self._recordings,
            self._programs,
            self._ops,
            self._deviating,
            self._deviation,
            tuple(self._remarks),
            flaw,
        )
