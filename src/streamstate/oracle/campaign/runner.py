"""Runs programs alone, one after another, to find out more about a deviation."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from itertools import compress, repeat
from typing import Final, NamedTuple, TypeVar

from streamstate.model import Dialect, Limits, Rule
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.implementation import (
    ExchangeError,
    Hello,
    Opener,
    Reply,
    Request,
    Traced,
    parse_reply,
)
from streamstate.oracle.adapters.tracebacks import outside
from streamstate.oracle.campaign.bench import Bench, effort_of
from streamstate.oracle.campaign.driving import cause_of
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.graph import Expected
from streamstate.oracle.programs.program import Program, filled, longest_of, without
from streamstate.oracle.verdict.comparing import abridged, told_difference
from streamstate.oracle.verdict.deviation import Difference


@dataclass(frozen=True, slots=True)
class Finding:
    """A program run alone, and how it deviated. `rule` is the rule to name for that. `minimal` says
    that everything was tried to make the program smaller."""

    program: Program
    limits: Limits | None
    difference: Difference
    rule: Rule
    minimal: bool = False


class Compared(NamedTuple):
    """The expected answers to a program, and where the answer first differs (None: nowhere)."""

    expected: Expected
    difference: Difference | None


_T = TypeVar("_T")

_UNKNOWN: Final = Hello("", "", "", frozenset(), exact=True)


def _reply(request: Request, line: bytes) -> Reply:
    return _parsed(line, request.seq, len(request.program))


@lru_cache(maxsize=2**14)
def _parsed(line: bytes, seq: int, length: int) -> Reply:
    """A reply, kept because each composition of hypotheses compares it with other expectations."""
    return parse_reply(line, seq, length)


class Runner:
    """Tries programs on an implementation, which it restarts, a few times, when it breaks. Once
    `budget` is over it runs nothing more."""

    def __init__(
        self, opener: Opener, dialect: Dialect, models: CachedModels, budget: Budget | None = None
    ) -> None:
        self._bench = Bench(opener, budget)
        self._model_of: Callable[[Limits | None], CachedModel] = partial(models.of, dialect)

    def expecting(self, model_of: Callable[[Limits | None], CachedModel]) -> Runner:
        """A runner of the same implementation that expects something else."""
        other = copy(self)
        other._model_of = cache(model_of)
        return other

    @property
    def runs(self) -> int:
        """How many programs were run."""
        return self._bench.runs

    @property
    def effort(self) -> float:
        """How many runs there were, with those of long programs counted as several."""
        return self._bench.effort

    def model(self, limits: Limits | None) -> CachedModel:
        """The model with which it compares everything."""
        return self._model_of(limits)

    def is_over(self) -> bool:
        """Whether the budget is over, so that it answers nothing more."""
        return self._bench.is_over()

    def try_all(self, programs: Sequence[Program], limits: Limits | None) -> list[Finding | None]:
        """What each program shows: a deviation, or None if it conforms.

        A program that breaks the exchange shows nothing, nor do those after it. After a few of
        these the runner tries nothing more.
        """
        compared = self._read(programs, limits, self.compared)
        return [*map(self._look, programs, repeat(limits), compared)]

    def recall_all(
        self, programs: Sequence[Program], limits: Limits | None
    ) -> Iterator[Finding | None]:
        """The same, but what was recalled before is not asked again."""
        return map(self._look, programs, repeat(limits), self.recall(programs, limits))

    def recall(
        self, programs: Sequence[Program], limits: Limits | None
    ) -> Iterator[Compared | None]:
        """The answer to each program, beside the expected one; what was asked so before is not
        asked again."""
        kept = self._bench.kept
        missing = [each for each in programs if (each, limits) not in kept]

        def keep(request: Request, line: bytes) -> None:
            kept[request.program, limits] = request, line

        for _ in self._read(missing, limits, keep):
            pass
        for each in programs:
            found = None if self.is_over() else kept.get((each, limits))
            yield None if found is None else self.compared(*found)

    def compared(self, request: Request, line: bytes) -> Compared:
        """The reply to a request in that line. Raises `ExchangeError` for a line that is no
        answer."""
        expected = self.model(request.limits).expect(request.program)
        if line == expected.line(request.seq):  # nearly all are, and need not be read
            return Compared(expected, None)
        found = told_difference(expected.answers, _reply(request, line), exact=self.is_exact())
        return Compared(expected, found and abridged(found, longest_of(request.program)))

    def replies(
        self, programs: Sequence[Program], limits: Limits | None = None
    ) -> Iterator[Reply | None]:
        """The answer line to each program, one after the other; iterate to the end. None for a
        program that breaks the exchange, and for those after it."""
        return self._read(programs, limits, _reply)

    def _read(
        self,
        programs: Sequence[Program],
        limits: Limits | None,
        read: Callable[[Request, bytes], _T],
    ) -> Iterator[_T | None]:
        """The reply to each program; none to one with an op that the implementation lacks, and none
        once the budget is over."""
        if self.is_over():
            return repeat(None, len(programs))
        lacks = self.lacks() if programs else frozenset()
        if not lacks:
            return self._asked(programs, limits, read)
        possible = [without(each, lacks) is each for each in programs]
        answers = self._asked([*compress(programs, possible)], limits, read)
        return (next(answers) if each else None for each in possible)

    def _asked(
        self,
        programs: Sequence[Program],
        limits: Limits | None,
        read: Callable[[Request, bytes], _T],
    ) -> Iterator[_T | None]:
        bench = self._bench
        due: deque[Request] = deque()
        answered = 0

        def asked() -> Iterator[Request]:
            for program in programs:
                if bench.is_over():
                    return
                bench.seq += 1
                due.append(Request(bench.seq, program, limits))
                yield replace(due[-1], program=filled(program)) if fills else due[-1]

        try:
            implementation = bench.open()
            fills = "fill" in implementation.hello.capabilities
            for line in implementation.run(asked()):
                request = due.popleft()
                bench.runs += 1
                bench.effort += effort_of(request.program)
                what = read(request, line)
                if bench.is_over():
                    self.close()  # it may have been asked more than it will answer
                    break
                answered += 1
                yield what
        except (ExchangeError, ValueError):
            self.close()
            bench.restarts += 1
        yield from repeat(None, len(programs) - answered)

    def try_one(self, program: Program, limits: Limits | None) -> Finding | None:
        """The reply to one program."""
        (finding,) = self.try_all((program,), limits)
        return finding

    def try_fresh(self, program: Program, limits: Limits | None) -> Finding | None:
        """What one program shows if nothing ran before it."""
        self.close()
        return self.try_one(program, limits)

    def _look(
        self, program: Program, limits: Limits | None, compared: Compared | None
    ) -> Finding | None:
        if compared is None or compared.difference is None:
            return None
        rule, _ = cause_of(compared.expected.links, program, compared.difference)
        return Finding(program, limits, compared.difference, rule)

    def hello(self) -> Hello:
        """How the implementation introduces itself; as one that offers nothing if it cannot be
        started any more."""
        try:
            return self._bench.open().hello
        except (ExchangeError, ValueError):
            return _UNKNOWN

    def shows_get(self) -> bool:
        """Whether the implementation offers `get`."""
        return "get" in self.hello().capabilities

    def fixed_limits(self) -> Limits | None:
        """The limits of every registry, if they are not the usual ones and nobody can choose
        them."""
        return self.hello().limits

    def lacks(self) -> frozenset[str]:
        """The ops that the implementation lacks."""
        return self.hello().lacks

    def is_exact(self) -> bool:
        """Whether the implementation answers only once it is quiet, as far as is known."""
        return self.hello().exact

    def is_here(self) -> bool:
        """Whether the implementation runs in this process, as far as is known."""
        return isinstance(self._bench.implementation, Traced)

    def traceback(self, program: Program, limits: Limits | None) -> tuple[str, ...]:
        """The lines on where the last op that threw did so, if that can be seen."""
        try:
            implementation = self._bench.open()
            if not isinstance(implementation, Traced):
                return ()
            thrown = implementation.thrown(Request(0, program, limits))
        except Exception:  # a factory may raise anything, once it was asked often enough
            return ()
        return () if thrown is None else outside(thrown)

    def close(self) -> None:
        """End the implementation; the next trial starts another."""
        self._bench.close()


def first_found(
    runner: Runner,
    programs: Iterable[Program],
    limits: Limits | None,
    interesting: Callable[[Finding], bool],
) -> Finding | None:
    """The finding of the first program that shows something interesting; all are tried at once."""
    for finding in runner.try_all(tuple(programs), limits):
        if finding is not None and interesting(finding):
            return finding
    return None
