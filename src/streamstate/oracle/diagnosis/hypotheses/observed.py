"""Takes a wrong answer for the one that the registry always gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from streamstate.model import (
    Done,
    Effect,
    Errored,
    Idle,
    Pull,
    PullId,
    Rejected,
    Resolved,
    Returned,
    State,
    Step,
    Waiting,
)
from streamstate.oracle.diagnosis.hypotheses.application import Application, Change
from streamstate.oracle.verdict.deviation import Difference
from streamstate.wire import Json, is_array

_Effects: TypeAlias = tuple[Effect, ...]
_Answering: TypeAlias = Callable[[Application], _Effects]
_Leaving: TypeAlias = Callable[[Application], State]


def answers_instead(difference: Difference) -> Iterator[Change]:
    """Changes that make an answer differ in this way: with the registry as the op should leave it,
    as it was before, and with the pull waiting. None if nobody knows how to do this to other
    streams and pulls."""
    answering = _answering(difference.expected, difference.observed)
    if answering is not None:
        for leaving in (_as_it_should_be, as_it_was, _with_the_pull_waiting):
            yield Change("answers so", _made(answering, leaving))


def _made(answering: _Answering, leaving: _Leaving) -> Callable[[Application], Step]:
    def made(application: Application) -> Step:
        return Step(application.step.rule, leaving(application), answering(application))

    return made


def _as_it_should_be(application: Application) -> State:
    return application.step.state


def as_it_was(application: Application) -> State:
    """The state before the op, except that a pull that was called, or a push that waits, has its
    number."""
    after = application.step.state
    return replace(application.before, next_pull=after.next_pull, next_push=after.next_push)


def _with_the_pull_waiting(application: Application) -> State:
    op, before, state = application.op, application.before, application.step.state
    stream = before.find(op.stream) if isinstance(op, Pull) else None
    if not isinstance(op, Pull) or not isinstance(stream, Idle):
        return state
    waiting = Waiting(stream.accepted, before.next_pull)
    return replace(state, streams=before.streams_with(op.stream, waiting))


def _answering(expected: Json, observed: Json) -> _Answering | None:
    match expected, observed:
        case [wanted, [*should]], [got, [*did]] if should == did:
            return _returning(got) if type(wanted) is not type(got) or wanted != got else None
        case [wanted, [*should]], [got, [*did]] if wanted == got:
            return _settling(should, did)
        case _:
            return None


def _returning(value: Json) -> _Answering | None:
    if not isinstance(value, bool | None):
        return None

    def answering(application: Application) -> _Effects:
        settled = (each for each in application.step.effects if not isinstance(each, Returned))
        return (Returned(value), *settled)

    return answering


def _settling(should: list[Json], did: list[Json]) -> _Answering | None:
    pulls = [_pull_of(each) for each in should]
    others = [_pull_of(each) for each in did]
    if not did:
        return _told_of(lambda _settled: ())
    if did == should[::-1]:
        return _told_of(lambda settled: settled[::-1])
    if did == should[:1]:
        return _told_of(lambda settled: settled[:1])
    outcomes = {repr(each[1:]) if is_array(each) else "" for each in did}
    make = _outcome(did[0])
    if len(outcomes) > 1 or make is None:
        return None
    if pulls == others:
        return _told_of(lambda settled: tuple(make(each.pull) for each in settled))
    return _settled_at_once(make) if not should and len(did) == 1 else None


_Settled: TypeAlias = tuple[Resolved | Rejected, ...]


def _told_of(change: Callable[[_Settled], _Settled]) -> _Answering:
    """The settlements that come instead of the right ones."""

    def answering(application: Application) -> _Effects:
        effects = application.step.effects
        settled = tuple(each for each in effects if isinstance(each, Resolved | Rejected))
        rest = (each for each in effects if not isinstance(each, Resolved | Rejected))
        return (*rest, *change(settled))

    return answering


def _settled_at_once(make: Callable[[PullId], Resolved | Rejected]) -> _Answering:
    """Settles the pull that should wait."""

    def answering(application: Application) -> _Effects:
        effects = application.step.effects
        pulls = isinstance(application.op, Pull) and not effects
        return (make(application.before.next_pull),) if pulls else effects

    return answering


def _pull_of(settled: Json) -> Json:
    return settled[0] if is_array(settled) and settled else None


def _outcome(settled: Json) -> Callable[[PullId], Resolved | Rejected] | None:
    match settled:
        case [_, "done"]:
            return lambda pull: Resolved(pull, Done())
        case [_, "error", str(message)]:
            return lambda pull: Rejected(pull, Errored(message))
        case _:
            return None
