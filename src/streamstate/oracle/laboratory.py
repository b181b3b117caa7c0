"""Running programs alone, one after another, to find out more about a deviation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import inf
from time import perf_counter
from typing import Final, NamedTuple, TypeAlias, TypeVar

from streamstate.model import Dialect, Limits, Rule
from streamstate.oracle.campaign import Machines, cause_of
from streamstate.oracle.difference import Difference, abridged, first_difference
from streamstate.oracle.implementation import (
    ExchangeError,
    Implementation,
    Reply,
    Request,
    parse_reply,
)
from streamstate.oracle.letters import longest_of
from streamstate.oracle.machine import Expected, Machine, Word

Opener: TypeAlias = Callable[[], Implementation]
"""Starts another implementation of the same kind."""

_RESTARTS: Final = 3

_ORDINARY: Final = 150
"""Ops of a program from which on its run counts as several."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A program run alone, and how it deviated: `rule` is the one to name for that. `minimal` says
    that everything was tried to make it smaller."""

    program: Word
    limits: Limits | None
    difference: Difference
    rule: Rule
    minimal: bool = False


class Compared(NamedTuple):
    """What is expected of a program, and where the answer first differs (None: nowhere)."""

    expected: Expected
    difference: Difference | None


_T = TypeVar("_T")


def _reply(request: Request, line: bytes) -> Reply:
    return parse_reply(line, request.seq, len(request.program))


class Laboratory:
    """An implementation at hand for trying programs. Restarted, a few times, when it breaks. Once
    `deadline` has passed, by `clock`, nothing more is run (None: there is none)."""

    def __init__(
        self,
        opener: Opener,
        dialect: Dialect,
        machines: Machines,
        *,
        deadline: float | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._opener: Final = opener
        self._dialect: Final = dialect
        self._machines: Final = machines
        self._deadline: Final = inf if deadline is None else deadline
        self._clock: Final = clock
        self._implementation: Implementation | None = None
        self._restarts = 0
        self._seq = 0
        self.runs = 0
        self.effort = 0.0
        """Runs, those of long programs counted as several."""

    def machine(self, limits: Limits | None) -> Machine:
        """The model that everything is compared with."""
        return self._machines.of(self._dialect, limits)

    def is_over(self) -> bool:
        """Whether the time is over, so that what is asked is not answered any more."""
        return self._clock() > self._deadline

    def try_all(self, programs: Sequence[Word], limits: Limits | None) -> list[Finding | None]:
        """What each program shows when it is run: a deviation, or None if it conforms.

        A program that breaks the exchange shows nothing, nor do those after it. Once that has
        happened a few times nothing more is tried.
        """
        return [
            None if compared is None else self._look(program, limits, compared)
            for program, compared in zip(programs, self.compare(programs, limits), strict=True)
        ]

    def compare(self, programs: Sequence[Word], limits: Limits | None) -> Iterator[Compared | None]:
        """How each program is answered, beside what is expected; see `replies`."""
        machine = self.machine(limits)

        def compared(request: Request, line: bytes) -> Compared:
            expected = machine.expect(request.program)
            if line == expected.line(request.seq):  # nearly all are, and need not be read
                return Compared(expected, None)
            return Compared(expected, self._difference(request, expected, line))

        return self._read(programs, limits, compared)

    def replies(
        self, programs: Sequence[Word], limits: Limits | None = None
    ) -> Iterator[Reply | None]:
        """What is answered to each program, one after the other, to be taken to the end; None to
        one that breaks the exchange, and to those after it."""
        return self._read(programs, limits, _reply)

    def _read(
        self,
        programs: Sequence[Word],
        limits: Limits | None,
        read: Callable[[Request, bytes], _T],
    ) -> Iterator[_T | None]:
        due: deque[Request] = deque()
        answered = 0
        try:
            for line in self._open().run(self._requests(programs, limits, due)):
                request = due.popleft()
                self.runs += 1
                self.effort += max(1.0, len(request.program) / _ORDINARY)
                what = read(request, line)
                if self.is_over():
                    self.close()  # it may have been asked more than it will answer
                    break
                answered += 1
                yield what
        except (ExchangeError, ValueError):
            self.close()
            self._restarts += 1
        yield from repeat(None, len(programs) - answered)

    def _requests(
        self, programs: Iterable[Word], limits: Limits | None, due: deque[Request]
    ) -> Iterator[Request]:
        for program in programs:
            if self.is_over():
                return
            self._seq += 1
            due.append(Request(self._seq, program, limits))
            yield due[-1]

    def _open(self) -> Implementation:
        if self._implementation is None:
            if self._restarts > _RESTARTS or self.is_over():
                raise ValueError("restarted often enough")
            self._implementation = self._opener()
        return self._implementation

    def try_fresh(self, program: Word, limits: Limits | None) -> Finding | None:
        """What one program shows where nothing was run before it."""
        self.close()
        return self.try_one(program, limits)

    def _difference(self, request: Request, expected: Expected, line: bytes) -> Difference | None:
        answers = [link.json for link in expected.links]
        found = first_difference(answers, _reply(request, line), exact=self.is_exact())
        return None if found is None else abridged(found, longest_of(request.program))

    def _look(self, program: Word, limits: Limits | None, compared: Compared) -> Finding | None:
        expected, difference = compared
        if difference is None:
            return None
        rule, _ = cause_of(expected.links, program, difference)
        return Finding(program, limits, difference, rule)

    def try_one(self, program: Word, limits: Limits | None) -> Finding | None:
        """The same for one program."""
        (finding,) = self.try_all((program,), limits)
        return finding

    def shows_get(self) -> bool:
        """Whether it can look into streams; false where it cannot be started any more."""
        try:
            return "get" in self._open().hello.capabilities
        except (ExchangeError, ValueError):
            return False

    def is_exact(self) -> bool:
        """Whether it answers only once it is quiet; true where it cannot be started any more."""
        try:
            return self._open().hello.exact
        except (ExchangeError, ValueError):
            return True

    def close(self) -> None:
        """End the implementation; the next trial starts another."""
        if self._implementation is not None:
            self._implementation.close()
            self._implementation = None


def first_found(
    laboratory: Laboratory,
    programs: Iterable[Word],
    limits: Limits | None,
    interesting: Callable[[Finding], bool],
) -> Finding | None:
    """The finding of the first program that shows something interesting; all are tried at once."""
    for finding in laboratory.try_all(tuple(programs), limits):
        if finding is not None and interesting(finding):
            return finding
    return None
