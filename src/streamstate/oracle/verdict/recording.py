"""The verdict on a file of recordings or exchanges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from streamstate.model import Rule
from streamstate.wire import Json


@unique
class Outcome(Enum):
    """The verdict; the value says it for a report."""

    CONFORMS = "conforms"
    DEVIATES = "deviates"
    NOTHING = "no recording"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class FileDeviation:
    """An op on line `line` was answered in a way that `rule` does not allow.

    `op`, `expected` and `observed` (`[returned, settled]`) are in wire form, `called`, `wanted` and
    `got` the same in words. In a program the op is number `at`, from 0, and `program` has the ops
    up to it; in a recording both are None.
    """

    line: int
    rule: Rule
    op: Json
    expected: Json
    observed: Json
    called: str
    wanted: str
    got: str
    at: int | None = None
    program: Json = None


_EXIT_CODES: Final = {
    Outcome.CONFORMS: 0,
    Outcome.DEVIATES: 1,
    Outcome.NOTHING: 2,
    Outcome.BROKEN: 3,
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Line `line` is not what can stand there; checking ended before it. `makes` is what that makes
    the file: one with nothing to check, or a broken one."""

    makes: Outcome
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """The outcome for the file called `name`.

    `dialects` are those that it was checked against. `deviating` counts the recordings and programs
    that deviate; `deviation` is the first of them. `remarks` say what was left unchecked.
    """

    name: str
    dialects: tuple[str, ...]
    recordings: int
    programs: int
    ops: int
    deviating: int
    deviation: FileDeviation | None
    remarks: tuple[str, ...]
    flaw: Flaw | None

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of any part of the file."""
        if self.flaw is not None:
            return self.flaw.makes
        return Outcome.CONFORMS if self.deviation is None else Outcome.DEVIATES

    @property
    def exit_code(self) -> int:
        """0 conforms, 1 deviates, 2 no recording, 3 broken in the middle."""
        return _EXIT_CODES[self.outcome]
