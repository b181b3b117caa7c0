"""Tells whether an adapter ignores limits: if it does not pass them on, programs with limits are
answered as if they had none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from streamstate.model import Limits, Rule
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.verdict.tally import Answered, PastAnswers

_MOST: Final = 500
"""How many programs with each pair of limits are looked at."""


def ignoring_limits(runner: Runner, past: Mapping[Limits | None, PastAnswers]) -> int:
    """How many programs say that the adapter ignores limits. They do if most that went wrong with
    limits got the right answers of programs without them, none in which limits matter was answered
    rightly, and nothing goes wrong at those rules without limits. Else 0."""
    without = runner.expecting(lambda _limits: runner.model(None))
    wrong = ignored = 0
    rules: set[Rule] = set()
    for limits, each in _some(past):
        if limits is not None:
            request = Request(each.seq, each.program, limits)
            wrong += 1
            if without.compared(request, each.line).difference is None:
                ignored += 1
                rules |= _seen_at(runner, limits, each)
    if 2 * ignored <= wrong or _are_minded(runner, past):
        return 0
    plain = (_seen_at(runner, None, each) for limits, each in _some(past) if limits is None)
    return 0 if any(not rules.isdisjoint(each) for each in plain) else ignored


def _are_minded(runner: Runner, past: Mapping[Limits | None, PastAnswers]) -> bool:
    """Whether a program was answered rightly, and would be answered otherwise without its
    limits."""
    without = runner.model(None)
    return any(
        runner.model(limits).expect(program).text != without.expect(program).text
        for limits, outcomes in past.items()
        if limits is not None
        for program in outcomes.right[: _MOST * 4]
    )


def _some(past: Mapping[Limits | None, PastAnswers]) -> Iterator[tuple[Limits | None, Answered]]:
    for limits, outcomes in past.items():
        for each in outcomes.answered[:_MOST]:
            yield limits, each


def _seen_at(runner: Runner, limits: Limits | None, each: Answered) -> set[Rule]:
    """The rule at which the program first went wrong."""
    request = Request(each.seq, each.program, limits)
    expected, difference = runner.compared(request, each.line)
    return set() if difference is None else {expected.links[difference.at].rule}
