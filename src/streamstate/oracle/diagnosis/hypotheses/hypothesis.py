"""A supposed registry with one mistake, and what it would answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from streamstate.model import (
    Accepted,
    IsQueueFull,
    Op,
    Rejected,
    Resolved,
    Rule,
    State,
    Step,
    TurnedAway,
)
from streamstate.oracle.diagnosis.hypotheses.application import (
    NOBODY,
    NOBODYS_PUSH,
    Application,
    Change,
)
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS, Guard
from streamstate.oracle.diagnosis.hypotheses.queues import as_counted
from streamstate.oracle.diagnosis.hypotheses.walking import (
    counts_bytes,
    is_nobody_waiting,
    node_before,
    state_before,
    steps_of,
)
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Expected, Node
from streamstate.oracle.programs.program import Program, Symbol
from streamstate.oracle.programs.rulesets import bits_of
from streamstate.wire import Advance, Answer, Json, Together, answer


class Departure(NamedTuple):
    """The first op (`at`, from 0) at which a mutant answers otherwise than the model, and how; None
    stands for any wrong answer."""

    at: int
    answer: Json


@dataclass(frozen=True)
class Hypothesis:
    """The `rules` make the mistake `change` where `guard` holds. Without a change, their answers
    are wrong in some unknown way."""

    rules: frozenset[Rule]
    change: Change | None
    guard: Guard = ALWAYS

    @cached_property
    def bits(self) -> int:
        """Its rules, as a set."""
        return bits_of(self.rules)

    @cached_property
    def _compared(self) -> tuple[Rule, ...]:
        """Its rules, for a test that hashes nothing: to hash a rule takes longer than all else."""
        return tuple(self.rules)

    def departure(
        self, model: CachedModel, program: Program, expected: Expected, until: int | None = None
    ) -> Departure | None:
        """Where its answer first differs from the model's in the first `until` ops (None: in all);
        None if nowhere."""
        end = min(len(program) if until is None else until, len(expected.links))
        at = self._next_applied(model, program, expected, 0, end)
        if self.change is None:
            return Departure(at, None) if at < end else None
        while at < end:
            wrong = self._made_first(model, program, expected, at)
            if isinstance(wrong, State):
                found = self._goes_on(model, program, expected, at + 1, end, wrong)
                if isinstance(found, Departure):
                    return found
                at = found
            elif wrong is None:
                at += 1
            else:
                return Departure(at, wrong)
            at = self._next_applied(model, program, expected, at, end)
        return None

    def _goes_on(
        self,
        model: CachedModel,
        program: Program,
        expected: Expected,
        at: int,
        end: int,
        state: State,
    ) -> Departure | int:
        """What comes of a state that is wrong before op `at`: where it shows, or the op before
        which nothing is wrong any more, or `end`."""
        while at < end:
            node = None if is_nobody_waiting(state) else model.node_of(state)
            if node is not None:
                at, node = self._walked(model, program, expected, at, end, node)
                if at == end:
                    break
                state = model.state(node)
            answered = self._answer(model, program, expected, at, state)
            link = expected.links[at]
            if answered.json != link.json:
                return Departure(at, answered.json)
            at += 1
            state = answered.state
            if state == model.state(link.target):
                return at
        return end

    def _walked(
        self,
        model: CachedModel,
        program: Program,
        expected: Expected,
        at: int,
        end: int,
        node: Node,
    ) -> tuple[int, Node]:
        """How far it goes on from that node as the model would, without making the mistake again
        and without showing it, and where that leads."""
        while at < end:
            link, wanted = model.link(node, program[at]), expected.links[at]
            if link.bit & self.bits or link.json != wanted.json or counts_bytes(program[at].op):
                break
            if not model.tells(link.target):
                break
            at, node = at + 1, link.target
            if node is wanted.target:
                break
        return at, node

    def _answer(
        self, model: CachedModel, program: Program, expected: Expected, at: int, state: State
    ) -> Answer:
        advancing = partial(self.advance, model.advancing(node_before(model, expected, at)))
        return answer(state, program[at].op, advancing)

    def _made_first(
        self, model: CachedModel, program: Program, expected: Expected, at: int
    ) -> Json | State:
        """What the mistake does where nothing is wrong yet: a wrong answer, a right answer with a
        wrong state after it, or nothing (None). Neither the guard, which holds here, nor anything
        earlier changes that."""
        assert self.change is not None
        symbol, node = program[at], node_before(model, expected, at)
        if isinstance(symbol.op, Together):
            return self._made_anew(model, program, expected, at)
        of_model = _FIRST.setdefault(model, {})
        key = (self.change, self.bits, node, symbol)
        if key not in of_model:
            of_model[key] = self._made_anew(model, program, expected, at)
        return of_model[key]

    def _made_anew(
        self, model: CachedModel, program: Program, expected: Expected, at: int
    ) -> Json | State:
        answered = self._answer(model, program, expected, at, state_before(model, expected, at))
        link = expected.links[at]
        if answered.json != link.json:
            return answered.json
        return None if answered.state == model.state(link.target) else answered.state

    def _next_applied(
        self, model: CachedModel, program: Program, expected: Expected, start: int, end: int
    ) -> int:
        """The next op, from `start` on, at which a registry that has made no mistake yet may make
        one; `end` if there is none."""
        at = self._next(expected, start, end)
        while at < end and not self._may_go_wrong(model, program, expected, at):
            at = self._next(expected, at + 1, end)
        return at

    def may_show(self, model: CachedModel, program: Program, expected: Expected, at: int) -> bool:
        """Whether it may make the mistake before op `at`, or at it if the answer itself is
        wrong."""
        start = at if self.change is None else 0
        return self._next_applied(model, program, expected, start, at + 1) <= at

    def _may_go_wrong(
        self, model: CachedModel, program: Program, expected: Expected, at: int
    ) -> bool:
        """Whether the guard holds where the model applies the rules in turn `at`. Asked once for
        all mistakes."""
        guard = self.guard
        if guard is ALWAYS:
            return True
        node = node_before(model, expected, at)
        key = (self.bits, node, program[at])
        known = guard.known.get(key)
        if known is None:
            known = guard.known[key] = bool(self._applied(model, program, expected, at))
        return known

    def _next(self, expected: Expected, start: int, end: int) -> int:
        """The next op, from `start` on, that takes one of its rules; `end` if none does."""
        bits = self.bits
        return next((at for at in range(start, end) if expected.links[at].bit & bits), end)

    def _applied(
        self, model: CachedModel, program: Program, expected: Expected, at: int
    ) -> list[Application]:
        """The applications of its rules in turn `at`, in the model."""
        node = node_before(model, expected, at)
        applications = (Application(*step) for step in steps_of(model, node, program[at]))
        return [each for each in applications if self._applies(each)]

    def _applies(self, application: Application) -> bool:
        return application.step.rule in self.rules and self.guard.holds(application)

    def advance(self, done: Advance, state: State, op: Op) -> Step:
        """The step that `done` makes of the state, with the mistake."""
        step = done(state, op)
        if self.change is not None and step.rule in self._compared:
            application = Application(state, op, step)
            if self.guard.holds(application):
                step = self.change.made(application)
        if isinstance(op, IsQueueFull):
            return as_counted(state, op, step)
        if any(map(_is_of_nobody, step.effects)):
            seen = tuple(effect for effect in step.effects if not _is_of_nobody(effect))
            return step._replace(effects=seen)
        return step

    def applications(self, model: CachedModel, program: Program) -> Iterator[Application]:
        """The applications of its rules in the model, the last first."""
        expected = model.expect(program)
        for at in range(len(expected.links) - 1, -1, -1):
            if expected.links[at].bit & self.bits:
                yield from reversed(self._applied(model, program, expected, at))


_First: TypeAlias = "dict[tuple[Change, int, Node, Symbol], Json | State]"

_FIRST: Final[WeakKeyDictionary[CachedModel, _First]] = WeakKeyDictionary()
"""What each mistake does where nothing is wrong yet."""


def _is_of_nobody(effect: object) -> bool:
    match effect:
        case Resolved(pull=number) | Rejected(pull=number):
            return number == NOBODY
        case Accepted(push=number) | TurnedAway(push=number):
            return number == NOBODYS_PUSH
        case _:
            return False
