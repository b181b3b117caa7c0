"""A registry with one mistake, supposed: what it would answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from streamstate.model import (
    Create,
    IsQueueFull,
    Op,
    Rejected,
    Resolved,
    Rule,
    State,
    Step,
    Waiting,
)
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS, Guard
from streamstate.oracle.diagnosis.hypotheses.occasion import NOBODY, Change, Occasion
from streamstate.oracle.diagnosis.hypotheses.queues import as_counted
from streamstate.oracle.diagnosis.hypotheses.recycled import place_of_the_next
from streamstate.oracle.programs.cached_model import Expected, Link, Machine, Node
from streamstate.oracle.programs.program import Letter, Word
from streamstate.oracle.programs.rulesets import bits_of
from streamstate.wire import Advance, Answer, Json, Together, Turn, answer


class Departure(NamedTuple):
    """Where a supposed registry first answers otherwise: at op `at` (from 0), and how; None stands
    for any wrong answer."""

    at: int
    answer: Json


There: TypeAlias = Callable[[State, Op, Step], Occasion]
"""What an occasion is, given the state before, the op, and what is made of it."""


@dataclass(frozen=True)
class Supposition:
    """`rules` make the mistake `change` where `guard` holds; without a change it is what they
    answer that is wrong, in whatever way."""

    rules: frozenset[Rule]
    change: Change | None
    guard: Guard = ALWAYS

    @cached_property
    def bits(self) -> int:
        """The set of its rules."""
        return bits_of(self.rules)

    def departure(
        self, machine: Machine, program: Word, expected: Expected, until: int | None = None
    ) -> Departure | None:
        """Where it first answers otherwise than the model in the first `until` ops (None: in all),
        None if nowhere."""
        end = min(len(program) if until is None else until, len(expected.links))
        at = self._next_applied(machine, program, expected, 0, end)
        if self.change is None:
            return Departure(at, None) if at < end else None
        while at < end:
            wrong = self._made_first(machine, program, expected, at)
            if isinstance(wrong, State):
                found = self._goes_on(machine, program, expected, at + 1, end, wrong)
                if isinstance(found, Departure):
                    return found
                at = found
            elif wrong is None:
                at += 1
            else:
                return Departure(at, wrong)
            at = self._next_applied(machine, program, expected, at, end)
        return None

    def _goes_on(
        self,
        machine: Machine,
        program: Word,
        expected: Expected,
        at: int,
        end: int,
        state: State,
    ) -> Departure | int:
        """What comes of a state that is wrong before op `at`: where it shows, or before which op
        nothing is wrong any more, or `end`."""
        while at < end:
            node = None if is_nobody_waiting(state) else machine.node_of(state)
            if node is not None:
                at, node = self._walked(machine, program, expected, at, end, node)
                if at == end:
                    break
                state = machine.state(node)
            answered = self._answer(machine, program, expected, at, state)
            link = expected.links[at]
            if answered.json != link.json:
                return Departure(at, answered.json)
            at += 1
            state = answered.state
            if state == machine.state(link.target):
                return at
        return end

    def _walked(
        self, machine: Machine, program: Word, expected: Expected, at: int, end: int, node: Node
    ) -> tuple[int, Node]:
        """How far it goes on as the model would from that node, without the mistake being made
        again or showing, and where that leads."""
        while at < end:
            link, wanted = machine.link(node, program[at]), expected.links[at]
            if link.bit & self.bits or link.json != wanted.json or counts_bytes(program[at].op):
                break
            if not machine.tells(link.target):
                break
            at, node = at + 1, link.target
            if node is wanted.target:
                break
        return at, node

    def _answer(
        self, machine: Machine, program: Word, expected: Expected, at: int, state: State
    ) -> Answer:
        there = self.there(machine, program, expected.links, at)
        advancing = partial(
            self.advance, there, machine.advancing(_node_before(machine, expected, at))
        )
        return answer(state, program[at].op, advancing)

    def _made_first(
        self, machine: Machine, program: Word, expected: Expected, at: int
    ) -> Json | State:
        """What the mistake does where nothing is wrong yet: a wrong answer, a wrong state after a
        right one, or nothing (None). It is the same whatever the guard, which holds there, and
        whatever came before, but for a change that asks for it."""
        assert self.change is not None
        letter, node = program[at], _node_before(machine, expected, at)
        if isinstance(letter.op, Together) or self.change.recycles:
            return self._made_anew(machine, program, expected, at)
        of_machine = _FIRST.setdefault(machine, {})
        key = (self.change, self.bits, node, letter)
        if key not in of_machine:
            of_machine[key] = self._made_anew(machine, program, expected, at)
        return of_machine[key]

    def _made_anew(
        self, machine: Machine, program: Word, expected: Expected, at: int
    ) -> Json | State:
        answered = self._answer(machine, program, expected, at, _before(machine, expected, at))
        link = expected.links[at]
        if answered.json != link.json:
            return answered.json
        return None if answered.state == machine.state(link.target) else answered.state

    def _next_applied(
        self, machine: Machine, program: Word, expected: Expected, start: int, end: int
    ) -> int:
        """The next op, from `start` on, at which a registry that made no mistake so far may make
        one; `end` if there is none."""
        at = self._next(expected, start, end)
        while at < end and not self._may_go_wrong(machine, program, expected, at):
            at = self._next(expected, at + 1, end)
        return at

    def may_show(self, machine: Machine, program: Word, expected: Expected, at: int) -> bool:
        """Whether it may be made up to op `at`; at that op, where the answer is what is wrong."""
        start = at if self.change is None else 0
        return self._next_applied(machine, program, expected, start, at + 1) <= at

    def _may_go_wrong(self, machine: Machine, program: Word, expected: Expected, at: int) -> bool:
        """Whether the guard holds where its rules are applied in turn `at`, in the model. Asked
        once for all mistakes, where the guard asks for nothing that came before."""
        guard = self.guard
        if guard is ALWAYS:
            return True
        if self.remembers:
            return bool(self._occasions(machine, program, expected, at))
        node = _node_before(machine, expected, at)
        key = (self.bits, node, program[at], at)
        known = guard.known.get(key)
        if known is None:
            known = guard.known[key] = bool(self._occasions(machine, program, expected, at))
        return known

    @property
    def remembers(self) -> bool:
        """Whether it makes a difference to it how a state was come to."""
        return self.guard.counts or self.guard.looks_back or self._asks_for_the_place

    @property
    def _asks_for_the_place(self) -> bool:
        return self.change is not None and bool(self.change.recycles)

    def _next(self, expected: Expected, start: int, end: int) -> int:
        """The next op, from `start` on, that takes one of its rules; `end` if none does."""
        bits = self.bits
        return next((at for at in range(start, end) if expected.links[at].bit & bits), end)

    def there(
        self,
        machine: Machine,
        program: Word,
        links: Sequence[Link],
        at: int,
        *,
        whole: bool = False,
    ) -> There:
        """What an occasion in turn `at` is, given the state, the op, and the step; the program may
        be known until then only. What nobody asks for is left out: it takes O(at)."""
        times, place = 0, None
        past: tuple[State, ...] = ()
        if whole or self.guard.counts:
            times = sum(1 for link in links[:at] if link.bit & self.bits)
        if whole or self.guard.looks_back:
            past = tuple(_states(machine, links, at - 1))
        frees = () if self.change is None else self.change.recycles
        if frees and (at == len(program) or isinstance(program[at].op, Create)):
            ops = [each.op for each in program[:at]]
            if any(isinstance(op, frees) for op in ops):
                place = place_of_the_next(tuple(_states(machine, links, at)), ops, frees)
        return partial(Occasion, at=at, place=place, times=times, past=past)

    def _occasions(
        self, machine: Machine, program: Word, expected: Expected, at: int, *, whole: bool = False
    ) -> list[Occasion]:
        """When its rules are applied in turn `at`, in the model; `whole` says that all that there
        is to know of them is asked for."""
        node = _node_before(machine, expected, at)
        there = self.there(machine, program, expected.links, at, whole=whole)
        occasions = (there(*step) for step in _steps(machine, node, program[at]))
        return [each for each in occasions if self._applies(each)]

    def _applies(self, occasion: Occasion) -> bool:
        return occasion.step.rule in self.rules and self.guard.holds(occasion)

    def advance(self, there: There, done: Advance, state: State, op: Op) -> Step:
        """What `done` makes of the state, with the mistake."""
        step = done(state, op)
        if step.rule in self.rules and self.change is not None:
            occasion = there(state, op, step)
            if self.guard.holds(occasion):
                step = self.change.made(occasion)
        step = as_counted(state, op, step)
        seen = tuple(effect for effect in step.effects if not _is_of_nobody(effect))
        return step if len(seen) == len(step.effects) else step._replace(effects=seen)

    def occasions(self, machine: Machine, program: Word) -> Iterator[Occasion]:
        """When its rules are applied in the model, the last time first."""
        expected = machine.expect(program)
        for at in range(len(expected.links) - 1, -1, -1):
            if expected.links[at].bit & self.bits:
                yield from reversed(self._occasions(machine, program, expected, at, whole=True))


def is_nobody_waiting(state: State) -> bool:
    """Whether a pull waits that is settled for nobody: the model alone would tell of it."""
    return any(
        isinstance(stream, Waiting) and NOBODY in (stream.first, *stream.others)
        for _, stream in state.streams
    )


def counts_bytes(turn: Turn) -> bool:
    """Whether it looks at how much is counted, which may be more than is there: the model alone
    does not take that into account."""
    return isinstance(turn, IsQueueFull | Together)


_First: TypeAlias = "dict[tuple[Change, int, Node, Letter], Json | State]"

_FIRST: Final[WeakKeyDictionary[Machine, _First]] = WeakKeyDictionary()
"""What mistakes do where nothing is wrong yet."""

_Steps: TypeAlias = tuple[tuple[State, Op, Step], ...]

_KNOWN: Final[WeakKeyDictionary[Machine, dict[tuple[Node, Letter], _Steps]]] = WeakKeyDictionary()
"""What was found of each machine; gone with it, which no node keeps."""


def _steps(machine: Machine, node: Node, letter: Letter) -> _Steps:
    """What the model does in one turn, step by step."""
    of_machine = _KNOWN.setdefault(machine, {})
    found = of_machine.get((node, letter))
    if found is None:
        found = of_machine[node, letter] = _steps_anew(machine, node, letter)
    return found


def _steps_anew(machine: Machine, node: Node, letter: Letter) -> _Steps:
    steps: list[tuple[State, Op, Step]] = []

    done = machine.advancing(node)

    def watching(state: State, op: Op) -> Step:
        step = done(state, op)
        steps.append((state, op, step))
        return step

    answer(machine.state(node), letter.op, watching)
    return tuple(steps)


def _states(machine: Machine, links: Sequence[Link], until: int) -> Iterator[State]:
    """Those before the first op, and after each of the first so many."""
    if until >= 0:
        yield machine.state(machine.root)
        yield from (machine.state(link.target) for link in links[:until])


def _before(machine: Machine, expected: Expected, at: int) -> State:
    return machine.state(_node_before(machine, expected, at))


def _node_before(machine: Machine, expected: Expected, at: int) -> Node:
    return expected.links[at - 1].target if at else machine.root


def _is_of_nobody(effect: object) -> bool:
    return isinstance(effect, Resolved | Rejected) and effect.pull == NOBODY
