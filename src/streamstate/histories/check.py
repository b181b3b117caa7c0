"""Checks a whole history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

from streamstate.histories.events import History
from streamstate.histories.linearize import (
    MOST_STEPS,
    Linearized,
    Stuck,
    Undecided,
    Witness,
    linearize,
)
from streamstate.histories.objects import Object, numbers_of, streams_of
from streamstate.histories.prefix import Prefix, shortest

_UNTOLD: Final = "a create that never told its number may have made it"


@dataclass(frozen=True, slots=True)
class Linearizable:
    """Each object has a linearization, and so has the history. `objects` is their number;
    `witnesses` has the linearizations, if you asked for them."""

    objects: int
    witnesses: tuple[tuple[Object, Witness], ...] = ()


@dataclass(frozen=True, slots=True)
class NotLinearizable:
    """One object has none; `prefix` shows it."""

    prefix: Prefix


@dataclass(frozen=True, slots=True)
class Unknown:
    """No verdict: the bound ran out for the first of these objects. All other objects have a
    linearization."""

    name: str
    bound: str
    objects: int = 1


Verdict: TypeAlias = Linearizable | NotLinearizable | Unknown
"""The verdict on a history: there is an order, there is none, or the bound ran out."""


def check(
    history: History, most_steps: int = MOST_STEPS, *, keep_witnesses: bool = False
) -> Verdict:
    """Check every object, and spend at most `most_steps` steps of the model on each.

    Stops at the first that is not linearizable. Remembers one that it cannot decide, and goes on.
    """
    objects = 0
    unknown: list[Unknown] = []
    witnesses: list[tuple[Object, Witness]] = []
    for one in _objects(history):
        objects += 1
        finding = linearize(one, most_steps, keep_witness=keep_witnesses)
        match finding:
            case Linearized(witness) if not one.must_be_made:
                if keep_witnesses:
                    witnesses.append((one, witness))
            case Stuck() if not one.may_be_made:
                return NotLinearizable(shortest(one, finding, most_steps))
            case Linearized() | Stuck():
                unknown.append(Unknown(one.name, _UNTOLD))
            case Undecided(bound):
                unknown.append(Unknown(one.name, bound))
        if unknown and not one.streams:
            break  # the streams rely on the numbers
    if unknown:
        return Unknown(unknown[0].name, unknown[0].bound, len(unknown))
    return Linearizable(objects, tuple(witnesses))


def _objects(history: History) -> Iterator[Object]:
    numbers = numbers_of(history)
    streams = chain.from_iterable(map(streams_of, (history,)))  # not before the numbers are checked
    return chain((numbers,) if numbers.calls else (), streams)
