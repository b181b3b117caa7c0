"""Where mistakes with a stream are made: on that of the op, or on others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import itemgetter

from streamstate.model import CancelPull, Clear, Effect, Rejected, Resolved, Step, Waiting
from streamstate.oracle.diagnosis.hypotheses.occasion import Change, Occasion, Spoil, number_of


def on_its_stream(says: str, spoil: Spoil) -> Change:
    """On the stream of the op; of a clear on all that it removes."""

    def made(occasion: Occasion) -> Step:
        number = number_of(occasion)
        numbers = cleared(occasion) if number is None else (number,)
        return spoilt_at(occasion, numbers, spoil)

    return Change(says, made)


def cleared(occasion: Occasion) -> tuple[int, ...]:
    """The streams that a clear removes, none for another op."""
    if not isinstance(occasion.op, Clear):
        return ()
    return tuple(number for number, _ in occasion.before.streams)


def on_each_other(says: str, spoil: Spoil) -> Change:
    """On all that the op is not about."""

    def made(occasion: Occasion) -> Step:
        return spoilt_at(occasion, others(occasion), spoil)

    return Change(said_of(says, "every other stream"), made)


def said_of(says: str, which: str) -> str:
    """What is said of a mistake with the stream, said of those streams instead."""
    said = says.replace("the stream", which)
    return f"{says}, of {which}" if said == says else said


def others(occasion: Occasion) -> tuple[int, ...]:
    """All streams but that of the op."""
    own = number_of(occasion)
    return tuple(number for number, _ in occasion.before.streams if number != own)


def on_another(says: str, spoil: Spoil, which: Callable[[Occasion], int | None]) -> Change:
    """On one that the op is not about, where there is such a one."""

    def made(occasion: Occasion) -> Step:
        number = which(occasion)
        return occasion.step if number is None else spoilt_at(occasion, (number,), spoil)

    return Change(says, made)


def following(occasion: Occasion) -> int | None:
    """The stream made after that of the op, of those that there are."""
    own = number_of(occasion) or 0
    return min((number for number, _ in occasion.before.streams if number > own), default=None)


def preceding(occasion: Occasion) -> int | None:
    """The stream made before that of the op, of those that there are."""
    own = number_of(occasion) or 0
    return max((number for number, _ in occasion.before.streams if number < own), default=None)


def oldest(occasion: Occasion) -> int | None:
    """The first stream there is, of several that the op is not about."""
    numbers = others(occasion)
    return min(numbers) if len(numbers) > 1 else None


def on_cleared(says: str, spoil: Spoil, which: slice) -> Change:
    """On some of those that a clear removes, by age."""

    def made(occasion: Occasion) -> Step:
        return spoilt_at(occasion, cleared(occasion)[which], spoil)

    return Change(says, made)


def on_every(says: str, spoil: Spoil) -> Change:
    """On all streams, that of the op too."""

    def made(occasion: Occasion) -> Step:
        return spoilt_at(occasion, _all(occasion), spoil)

    return Change(said_of(says, "every stream"), made)


def on_all_of_a_cancel(says: str, spoil: Spoil) -> Change:
    """On all streams, by a cancel of a pull of which nobody knows on which it was."""

    def made(occasion: Occasion) -> Step:
        unknown = isinstance(occasion.op, CancelPull) and number_of(occasion) is None
        return spoilt_at(occasion, _all(occasion), spoil) if unknown else occasion.step

    return Change(said_of(says, "the stream of the pull"), made)


def _all(occasion: Occasion) -> tuple[int, ...]:
    return tuple(number for number, _ in occasion.step.state.streams)


def spoilt_at(occasion: Occasion, numbers: tuple[int, ...], spoil: Spoil) -> Step:
    """The step with those streams spoilt. A pull that waits again then was not settled, and nothing
    was handed to it."""
    step, before = occasion.step, dict(occasion.before.streams)
    streams = dict(step.state.streams)
    spoilt = {each: spoil(before.get(each), streams.get(each), occasion.op) for each in numbers}
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
    """The pull that an effect settles, if it is such a one."""
    return effect.pull if isinstance(effect, Resolved | Rejected) else None
