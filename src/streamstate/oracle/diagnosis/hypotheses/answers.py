"""The answers of the plan, looked at again once mistakes are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from streamstate.model import Limits
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.campaign.driving import cause_of
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.late_cancels import has_cancels_last
from streamstate.oracle.diagnosis.sampling import evenly
from streamstate.oracle.verdict.tally import Answered, Cause, Example, Group, PastAnswers

_LONGEST: Final = 40
"""Only programs with at most so many ops are looked at again."""

_LOOKED_AT: Final = 1_000
"""At most so many programs are looked at again for what the mistakes together leave unexplained."""

_COMPARED: Final = 60
"""In so many programs, the answers are compared up to the last one."""


class Answers:
    """What the plan has shown, by limits."""

    def __init__(self, outcomes: Mapping[Limits | None, PastAnswers]) -> None:
        self.outcomes: Final = outcomes

    def groups(self, runner: Runner) -> Sequence[Group]:
        """The differences from what a runner expects. None once the time is over."""
        groups: dict[Cause, Group] = {}
        for limits, outcomes in self.outcomes.items():
            for each in evenly(outcomes.answered, _LOOKED_AT):
                if runner.is_over():
                    return ()
                _note(runner, groups, each, limits)
        return tuple(groups.values())

    def telling(self, plain: Runner, hypothesis: Hypothesis) -> Iterator[tuple[Request, bytes]]:
        """Some programs that went wrong and take one of the mistake's rules, with their answers."""
        for limits, outcomes in self.outcomes.items():
            model = plain.model(limits)
            telling = [
                each
                for each in evenly(outcomes.answered, _LOOKED_AT)
                if len(each.program) <= _LONGEST
                and model.expect(each.program).rules & hypothesis.bits
            ]
            for each in evenly(telling, _COMPARED):
                yield Request(each.seq, each.program, limits), each.line


def _note(
    runner: Runner, groups: dict[Cause, Group], answered: Answered, limits: Limits | None
) -> None:
    program = answered.program
    if len(program) > _LONGEST or not has_cancels_last(program):
        return
    request = Request(answered.seq, program, limits)
    expected, difference = runner.compared(request, answered.line)
    if difference is None:
        return
    rule, cause = cause_of(expected.links, program, difference)
    example = Example(program, limits, difference, rule)
    group = groups.get(cause)
    if group is None:
        groups[cause] = Group(example)
        return
    group.programs += 1
    if example.size < group.smallest.size:
        group.smallest = example
