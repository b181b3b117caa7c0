"""The streams with which a registry makes a mistake: that of the op, or others."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

from streamstate.model import Clear, Effect, Rejected, Resolved, Step, Waiting
from streamstate.oracle.diagnosis.hypotheses.application import (
    Application,
    Change,
    Spoil,
    number_of,
)


def on_its_stream(says: str, spoil: Spoil) -> Change:
    """Makes the mistake with the stream of the op; for a clear, with all that it removes."""

    def made(application: Application) -> Step:
        number = number_of(application)
        numbers = cleared(application) if number is None else (number,)
        return spoilt_at(application, numbers, spoil)

    return Change(says, made)


def cleared(application: Application) -> tuple[int, ...]:
    """The streams that a clear removes; none for another op."""
    if not isinstance(application.op, Clear):
        return ()
    return tuple(number for number, _ in application.before.streams)


def on_every(says: str, spoil: Spoil) -> Change:
    """Makes the mistake with all streams, the op's own included, whatever the op."""

    def made(application: Application) -> Step:
        return spoilt_at(application, _all(application), spoil)

    return Change(says, made, of_any_op=True)


def _all(application: Application) -> tuple[int, ...]:
    return tuple(number for number, _ in application.step.state.streams)


def spoilt_at(application: Application, numbers: tuple[int, ...], spoil: Spoil) -> Step:
    """The step with those streams spoilt. A pull that goes on waiting was not settled, so nothing
    was handed to it."""
    step, before = application.step, dict(application.before.streams)
    streams = dict(step.state.streams)
    spoilt = {each: spoil(before.get(each), streams.get(each), application.op) for each in numbers}
    changed = {each: left for each, left in spoilt.items() if left != streams.get(each)}
    if not changed:
        return step
    left = sorted(
        ((each, left) for each, left in {**streams, **changed}.items() if left is not None),
        key=itemgetter(0),
    )
    again = [each for each in changed.values() if isinstance(each, Waiting)]
    waiting = {pull for each in again for pull in (each.first, *each.others)}
    settled = tuple(effect for effect in step.effects if _pull_of(effect) not in waiting)
    handed = tuple(each for each in step.state.handed if each.pull not in waiting)
    state = replace(step.state, streams=tuple(left), handed=handed)
    return Step(step.rule, state, settled)


def _pull_of(effect: Effect) -> int | None:
    """The pull that an effect settles; None if it settles none."""
    return effect.pull if isinstance(effect, Resolved | Rejected) else None
