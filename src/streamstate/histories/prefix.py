"""The shortest prefix of a history that has no linearization.

Up to some response there is one, and from the next one on there is none: every prefix of a
linearizable history is linearizable. The search for the whole history uses what pulls brought later
(`fifo`), so that it may give up some time before that response.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from streamstate.histories.configuration import Configuration
from streamstate.histories.demands import demands_of, works_of
from streamstate.histories.events import NEVER, PENDING, Call
from streamstate.histories.linearize import (
    Linearized,
    Stuck,
    Undecided,
    Witness,
    linearize,
)
from streamstate.histories.objects import Object


@dataclass(frozen=True, slots=True)
class Prefix:
    """The calls on `one` that were invoked up to the response of `culprit`, which is the last.
    Without that response, `witness` is a linearization of them, and `ends` where it leads.
    `shortest`: no shorter prefix has none."""

    one: Object
    calls: tuple[Call, ...]
    culprit: Call
    witness: Witness
    ends: Configuration
    shortest: bool


def shortest(one: Object, stuck: Stuck, most_steps: int) -> Prefix:
    """The shortest prefix that has no linearization: looked for in steps that double, then by
    halving. O(log n) searches."""
    responses = [demand.work.call for demand in demands_of(works_of(one.calls))]
    good, bad = stuck.reached, len(responses)
    known = True
    stride = 1
    while bad - good > 1:
        guess = min(good + stride, (good + bad + 1) // 2)
        match linearize(_up_to(one, responses, guess), most_steps):
            case Linearized():
                good, stride = guess, 2 * stride
            case Stuck(reached):
                good, bad = max(good, reached), guess
            case Undecided():
                known = False
                break
    before = linearize(_up_to(one, responses, bad - 1), most_steps, keep_witness=True)
    shown = _up_to(one, responses, bad)
    match before:
        case Linearized(witness, ends):
            return Prefix(one, shown.calls, responses[bad - 1], witness, ends, known)
        case _:
            begun = Configuration(0, one.start)
            return Prefix(one, shown.calls, responses[bad - 1], (), begun, shortest=False)


def _up_to(one: Object, responses: list[Call], number: int) -> Object:
    """The object with its first so many responses, and all that was invoked up to the last of
    them."""
    if number == 0:
        return replace(one, calls=())
    end = responses[number - 1].responded
    kept = {call.number for call in responses[:number]}
    calls = tuple(
        call if call.number in kept else replace(call, responded=NEVER, outcome=PENDING)
        for call in one.calls
        if call.happened and call.invoked <= end
    )
    return replace(one, calls=calls)
