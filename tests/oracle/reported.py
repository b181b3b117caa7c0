"""Verdicts of every kind for the tests of reports, from plans that are through in a moment."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any

from streamstate import Limits, StreamStateRegistry
from streamstate.model import NAMED, REFERENCE, Close, Create, Op, Pull, Push, Rule
from streamstate.oracle.adapters.implementation import (
    ExchangeError,
    Fault,
    Hello,
    Implementation,
    Request,
)
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import Suite, default_plan, only
from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import Json, trace
from tests.oracle.broken_registries import CloseForgets, FullTooLate, Moody, opener, opener_of

NASTY = (
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07 <script>alert(1)</script>"
    '<img src=x onerror="alert(2)"> ]]> &amp; \x00\x08\x9b31m \u202eright to left\u2066\u200f'
    "\ud800 \ufffe\uffff \u2028 -->'\"</style></title></textarea>"
)
"""Everything that could get out of where it is put."""

LONG = NASTY + "A" * 1_000
FLOOD = NASTY + "A" * 1_000_000


def few(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """Three programs by hand, and eight of some suites of the default plan."""
    by_hand = ((Create(), Pull(1), Close(1)), (Push(1, b""),), (Create(), Pull(1), Pull(1)))
    yield Suite("by hand", "what the faults of these tests show at", map(program_of, by_hand))
    for suite in default_plan(machine, capabilities, seed):
        if suite.name in _SOME:
            yield suite._replace(programs=islice(suite.programs, 0, 8 * 13, 13))


_SOME = ("structured", "one stream, watched", "one stream", "one stream, small limits", "random")


class Hostile:
    """Says what an attacker would say, wherever the protocol leaves room for words."""

    def __init__(self, *, dies: bool = False) -> None:
        self.hello = Hello(FLOOD, NASTY, FLOOD, frozenset({"get", NASTY}), exact=True)
        self._dies = dies

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        for request in requests:
            if self._dies and request.seq > 5:
                raise ExchangeError(Fault.GARBAGE, FLOOD, (NASTY + "\n") * 20_000)
            yield json.dumps({"seq": request.seq, "trace": _lies(request), "late": []}).encode()

    def close(self) -> None:
        pass


def _lies(request: Request) -> list[object]:
    said: list[object] = []
    for number, each in enumerate(request.program):
        match each.op:
            case Create():
                said.append([{NASTY: LONG, "threw": LONG} if number else 1, []])
            case Pull():
                said.append([None, [[1, "error", LONG], [2, "value", NASTY], [NASTY]]])
            case Close():
                said.append([{"threw": NASTY}, [{NASTY: number}] * 20])
            case _:
                said.append([LONG, []])
    return said


def _whatwg(limits: Limits) -> StreamStateRegistry:
    return StreamStateRegistry(dialect=NAMED["whatwg"], limits=limits)


class _TwoFaults(CloseForgets):
    """Forgets closes, and lets pushes to the unknown through."""

    def push(self, stream: int, chunk: object) -> bool:
        super().push(stream, chunk)  # type: ignore[arg-type]  # handed on
        return True


def _dead() -> Implementation:
    raise ExchangeError(Fault.DIED, "it exited with status 1", "a\x1b[31mred\x1b[0m herring\n")


def _nested(text: str, depth: int) -> Json:
    value: Json = text
    for _ in range(depth):
        value = [value]
    return value


@cache
def verdict_of(kind: str) -> Verdict:
    """One of `KINDS`; each is made once."""
    match kind:
        case "conforms":
            return check(opener_of(StreamStateRegistry), REFERENCE, planner=few)
        case "one cause":
            return check(opener_of(CloseForgets), REFERENCE, planner=few)
        case "two causes":
            return check(opener_of(_TwoFaults), REFERENCE, planner=few)
        case "with limits":
            return check(opener_of(FullTooLate), REFERENCE, planner=few)
        case "another dialect":
            return check(opener(_whatwg, "other"), REFERENCE, planner=few)
        case "not repeatable":
            Moody.pushes = 4_500
            return check(opener_of(Moody), REFERENCE, planner=few)
        case "single":
            program = program_of((Create(), Pull(1), Close(1)))
            return check(opener_of(CloseForgets), REFERENCE, planner=only(program))
        case "never started":
            return check(_dead, REFERENCE, planner=few)
        case "hostile":
            return check(Hostile, REFERENCE, planner=few)
        case "flood":
            (first, *_) = verdict_of("hostile").deviations
            flooded = replace(first.difference, observed=[_nested(FLOOD, 500), [FLOOD] * 40])
            return replace(verdict_of("hostile"), deviations=(replace(first, difference=flooded),))
        case "hostile and dies":
            return check(lambda: Hostile(dies=True), REFERENCE, planner=few)
        case _:
            raise ValueError(kind)


KINDS = (
    *("conforms", "one cause", "two causes", "with limits", "another dialect"),
    *("not repeatable", "single", "never started", "hostile", "flood", "hostile and dies"),
)


def deviation_at_the_end(rule: Rule, seen_at: Rule, observed: Json, *program: Op) -> Deviation:
    """A deviation of the reference dialect in the last op of a program."""
    expected = trace(program)[-1].json
    difference = Difference(len(program) - 1, Kind.RETURNED, "", expected, observed)
    return Deviation(rule, seen_at, program, None, difference, programs=1)


def written(verdict: Verdict) -> dict[str, Any]:
    """The JSON report, written and read."""
    read: dict[str, Any] = json.loads(json.dumps(as_json(verdict, "0.1.0"), indent=2))
    return read


def screen(verdict: Verdict, *command: str) -> str:
    return "\n".join(line.text for line in as_text(verdict, command)) + "\n"
