"""An implementation in a process of its own, asked over its standard streams.

Many requests are on their way at any time; it reads answers while it writes requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from time import monotonic
from typing import Final

from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.implementation import (
    ExchangeError,
    Fault,
    Hello,
    OutOfTimeError,
    Request,
    parse_hello,
)
from streamstate.oracle.adapters.pipes import GRACE, MAX_LINE, Pipes
from streamstate.wire import PROTOCOL, WireError, compact, read_json, without_fills

_AHEAD: Final = 2**24
"""It adds no request while more than so many bytes wait for room in the pipe."""

_MAX_OUTSTANDING: Final = 8192
_BATCH: Final = 64
"""How many requests to make between two looks at the pipes, so that the child has work meanwhile,
and its answers are seen soon."""

_LOOK: Final = 0.1
"""Seconds to wait between two looks at whether the budget is over."""

_HURRIED_END: Final = 0.2
"""Seconds that a process has to end by itself once the budget is over."""

_TO_START: Final = "the answer to start"
_TO_A_PROGRAM: Final = "an answer"


class ChildImplementation:
    """A child process that speaks protocol 1, from its handshake to its end.

    `timeout` is how many seconds may pass without an answer while one is due. Nobody waits any
    longer once `budget` is over. Raises `ExchangeError` if the command cannot be run, or does not
    answer `start` as it should.
    """

    def __init__(
        self, command: Sequence[str], timeout: float = 10.0, budget: Budget | None = None
    ) -> None:
        self.command: Final = tuple(command)
        self._timeout = timeout
        self._budget: Final = Budget() if budget is None else budget
        try:
            self._pipes: Final = Pipes(command)
        except (OSError, ValueError) as error:
            raise ExchangeError(Fault.START, f"cannot run {command[0]!r}: {error}") from None
        try:
            self.hello: Final[Hello] = self._shake_hands()
        except BaseException:
            self.close()
            raise

    def _shake_hands(self) -> Hello:
        self._pipes.outgoing.extend(b'{"cmd":"start","protocol":%d}\n' % PROTOCOL)
        deadline = monotonic() + self._timeout
        while not self._pipes.lines:
            self._turn(deadline, _TO_START)
        try:
            return parse_hello(self._pipes.lines.popleft())
        except ExchangeError as breakdown:
            raise self._breakdown(breakdown.fault, breakdown.message) from None

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        return in_base64(self._lines(requests), self.hello)

    def _lines(self, requests: Iterator[Request]) -> Iterator[bytes]:
        pipes = self._pipes
        outstanding = 0
        more = True
        deadline = monotonic() + self._timeout
        while more or outstanding:
            room = outstanding + _BATCH <= _MAX_OUTSTANDING and len(pipes.outgoing) < _AHEAD
            if more and room and not pipes.ended:
                asked = self._ask(requests)
                outstanding += asked
                more = asked > 0
                pipes.turn(0)
                deadline = monotonic() + self._timeout  # to think up requests is not its time
            elif not pipes.lines:
                self._turn(deadline)
            while pipes.lines:
                if not outstanding:
                    raise self._breakdown(Fault.GARBAGE, "it answered more often than it was asked")
                outstanding -= 1
                yield pipes.lines.popleft()
                deadline = monotonic() + self._timeout

    def _ask(self, requests: Iterator[Request]) -> int:
        """Queue the next few requests for writing; how many there were."""
        outgoing = self._pipes.outgoing
        asked = 0
        for request in islice(requests, _BATCH):
            outgoing.extend(request.line())
            asked += 1
            if len(outgoing) >= _AHEAD:
                break
        return asked

    def _turn(self, deadline: float, due: str = _TO_A_PROGRAM) -> None:
        """Read and write what can be moved. Raises `ExchangeError` if no line can come in time."""
        if self._pipes.ended:
            partial = self._pipes.partial()
            ending = f" after writing part of a line, {partial[:80]!r}" if partial else ""
            how = self._pipes.how_it_ended()
            raise self._breakdown(Fault.DIED, f"{how}{ending} while {due} was due")
        if self._pipes.overlong:
            raise self._breakdown(Fault.GARBAGE, f"it wrote a line of more than {MAX_LINE} bytes")
        self._pipes.turn(min(_LOOK, deadline - monotonic()))
        if self._pipes.lines:
            return
        if self._budget.is_over():
            raise OutOfTimeError(
                f"the time was over while {due} was due", self._pipes.stderr_tail()
            )
        if monotonic() > deadline:
            raise self._silence(due)

    def _silence(self, due: str) -> ExchangeError:
        """The error that says why nothing came in time, as far as the child can show it."""
        pipes = self._pipes
        if pipes.has_exited():
            how = f"{pipes.how_it_ended()}, and a process that it started keeps its stdout open"
            return self._breakdown(Fault.DIED, f"{how}, while {due} was due")
        message = f"no answer for {self._timeout:g} seconds while {due} was due"
        if not pipes.listens():
            return self._breakdown(Fault.HUNG, f"{message}; it has closed its stdin")
        partial = pipes.partial()
        if pipes.speaks_at_the_end():
            why = "it answered once its input was closed: does it flush its stdout after each line?"
        elif partial:
            why = f"it has written part of a line, {partial[:80]!r}: does it flush whole lines?"
        elif due is _TO_START:
            why = "does it flush its stdout after each line?"
        else:
            return self._breakdown(Fault.HUNG, message)
        return self._breakdown(Fault.HUNG, f"{message}; {why}")

    def _breakdown(self, fault: Fault, message: str) -> ExchangeError:
        return ExchangeError(fault, message, self._pipes.stderr_tail())

    def hurry(self, seconds: float) -> None:
        """See `Hurried.hurry`."""
        self._timeout = min(self._timeout, seconds)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._pipes.pid

    def stderr_tail(self) -> str:
        """The end of what it wrote on stderr."""
        return self._pipes.stderr_tail()

    def close(self) -> None:
        """Say `stop`, give it a moment, and kill what is left of its process group."""
        try:
            self._pipes.outgoing.extend(b'{"cmd":"stop"}\n')
            self._pipes.turn(0)
        finally:
            self._pipes.close(_HURRIED_END if self._budget.is_over() else GRACE)


def in_base64(lines: Iterator[bytes], hello: Hello) -> Iterator[bytes]:
    """Answer lines with base64 instead of fills, for an adapter that offers to write these. Reads
    only lines that may hold one; leaves as it is what is not JSON, not a chunk, or too large."""
    if "fill" not in hello.capabilities:
        return lines
    return (_unfilled(line) if b'"fill"' in line else line for line in lines)


def _unfilled(line: bytes) -> bytes:
    try:
        return compact(without_fills(read_json(line))).encode()
    except (WireError, RecursionError):
        return line
