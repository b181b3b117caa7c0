"""Histories that are linearizable because they were made from a run of the model, whose moments
were stretched into intervals; and the same with one answer changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from streamstate.histories.events import (
    CANCELLED,
    NEVER,
    PENDING,
    UNASKED,
    Answered,
    Brought,
    Call,
    History,
    Outcome,
)
from streamstate.model import (
    Accepted,
    CancelPull,
    CancelPush,
    Chunk,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Done,
    Error,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Rejected,
    Resolved,
    Returned,
    Seen,
    TurnedAway,
    View,
    initial,
    step,
)
from streamstate.wire import encode_reason, encode_view


class _Made:
    """A call while the model runs: the moments at which it did something."""

    def __init__(self, op: Op, moment: int) -> None:
        self.op = op
        self.looked = False
        self.first = self.last = moment
        self.outcome: Outcome = PENDING


def run(program: Sequence[Op], dialect: Dialect, limits: Limits | None = None) -> list[_Made]:
    """The calls of a program that the model runs, in order. A cancel of a push is of one that
    waits, as so many before the last that began to."""
    state = initial(dialect, limits)
    made: list[_Made] = []
    pulls: list[_Made] = []
    pushes: list[_Made] = []
    for moment, drawn in enumerate(program):
        op = CancelPush(len(pushes) - drawn.push) if isinstance(drawn, CancelPush) else drawn
        waiting = state.next_push
        state, effects = step(state, op)
        one = _Made(op, moment)
        match op:
            case CancelPull(pull) | Seen(pull):
                _ended(pulls, pull, moment, cancelled=isinstance(op, CancelPull))
            case CancelPush(push):
                if effects == (Returned(True),):
                    _settled(pushes[push - 1], CANCELLED, moment)
            case Push() if state.next_push != waiting:
                pushes.append(one)
                made.append(one)
            case Pull():
                pulls.append(one)
                made.append(one)
            case _:
                one.outcome = Answered(None)
                made.append(one)
        for effect in effects:
            match effect:
                case Returned(value):
                    shown = encode_view(value) if isinstance(value, View) else value
                    one.outcome = Answered(shown)
                case Resolved(pull, Chunk(chunk)):
                    _settled(pulls[pull - 1], Brought(chunk), moment)
                case Resolved(pull, Done()):
                    _settled(pulls[pull - 1], Answered(["done"]), moment)
                case Accepted(push):
                    _settled(pushes[push - 1], Answered(True), moment)
                case TurnedAway(push, reason):
                    turned_away = Answered(["turned_away", encode_reason(reason)])
                    _settled(pushes[push - 1], turned_away, moment)
                case Rejected(pull, reason):
                    _settled(pulls[pull - 1], Answered(["error", encode_reason(reason)]), moment)
                case _:
                    pass
    return made


def _settled(made: _Made, outcome: Outcome, moment: int) -> None:
    if made.outcome is not CANCELLED:
        made.outcome, made.last = outcome, moment


def _ended(pulls: list[_Made], pull: int, moment: int, *, cancelled: bool) -> None:
    """A pull was given up, or somebody looked."""
    if not 0 < pull <= len(pulls):
        return
    made = pulls[pull - 1]
    if made.outcome is CANCELLED:
        return
    if cancelled and not made.looked:
        made.outcome, made.last = CANCELLED, moment
    elif isinstance(made.outcome, Brought) and not cancelled:
        made.looked = True
        made.last = moment


def stretched(made: Sequence[_Made], random: Random, most: int, spare: float = 0.1) -> list[Call]:
    """The calls with intervals around their moments, some of which never respond."""
    calls: list[Call] = []
    for number, one in enumerate(made, start=1):
        invoked = 2 * one.first - random.randrange(most + 1)
        responded: float = 2 * one.last + random.randrange(most + 1)
        outcome = one.outcome
        if outcome is PENDING or (random.random() < spare and one.last >= made[-1].first - 2):
            outcome, responded = PENDING, NEVER
        elif random.random() < spare / 2 and isinstance(one.op, Push):
            outcome = UNASKED
        calls.append(Call(number, str(number), one.op, invoked, responded, outcome))
    return calls


def history(
    program: Sequence[Op], dialect: Dialect, limits: Limits, random: Random, most: int
) -> History:
    """A linearizable history."""
    calls = stretched(run(program, dialect, limits), random, most)
    return History(initial(dialect, limits), in_lanes(calls))


def in_lanes(calls: Sequence[Call]) -> list[Call]:
    """The same, each thread with one call at a time."""
    ends: list[float] = []
    placed: list[Call] = []
    for call in sorted(calls, key=lambda call: call.invoked):
        free = [lane for lane, end in enumerate(ends) if end < call.invoked]
        lane = free[0] if free else len(ends)
        ends[lane : lane + 1] = [call.responded]
        placed.append(replace(call, thread=chr(ord("A") + lane)))
    return placed


def with_another_answer(given: History, random: Random) -> History:
    """With one answer changed, or two exchanged."""
    calls = list(given.calls)
    pulls = [place for place, call in enumerate(calls) if isinstance(call.outcome, Brought)]
    if len(pulls) >= 2 and random.random() < 0.4:
        one, two = random.sample(pulls, 2)
        calls[one], calls[two] = (
            replace(calls[one], outcome=calls[two].outcome),
            replace(calls[two], outcome=calls[one].outcome),
        )
        return History(given.start, calls)
    told = [
        place for place, call in enumerate(calls) if isinstance(call.outcome, Brought | Answered)
    ]
    if told:
        place = random.choice(told)
        calls[place] = replace(calls[place], outcome=_other(calls[place], random))
    return History(given.start, calls)


def _other(call: Call, random: Random) -> Outcome:
    match call.op, call.outcome:
        case IsQueueFull(), Answered(bool(answer)):
            return Answered(not answer)
        case Push(), Answered(answer):
            closed: Outcome = Answered(["turned_away", "Stream closed"])
            return random.choice((Answered(answer is not True), CANCELLED, closed))
        case Create(), Answered(int(number)):
            return Answered(max(1, number + random.choice((-1, 1))))
        case Pull(), _:
            return random.choice(
                (
                    Answered(["done"]),
                    Answered(["error", "Stream deleted"]),
                    Answered(["error", "Pull superseded"]),
                    Brought(b"a"),
                    Brought(b"b"),
                    CANCELLED,
                )
            )
        case ((Close() | Error() | Delete() | Clear()), _):
            return CANCELLED
        case _, outcome:
            return outcome
