"""Which op is to blame that has nothing to do with the stream at which it shows.

No op on one stream matters to another, nor does a clear to a stream that is made later. Where a
program goes wrong on a stream, and goes well once such an op is left out, that op does what it
should not: it uses up what all streams share, or writes where another one is kept.
"""

from __future__ import annotations

from streamstate.model import Clear, Create, Get, IsQueueFull, Rule
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.programs.program import Program
from streamstate.oracle.programs.rulesets import bit_of
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.wire import Json, Together


def interfering(runner: Runner, finding: Finding) -> Rule | None:
    """The rule of the last op that should not matter and does; None where there is none, or where a
    pull or push of another stream has to do with the answer: then the op that settles it, or does
    not, is more likely to blame. Runs one program."""
    if _settles_elsewhere(runner, finding.program[: finding.difference.at + 1], finding):
        return None
    return mattering(runner, finding)


def mattering(runner: Runner, finding: Finding) -> Rule | None:
    """The rule of the last op that should not matter and does, whatever settles; None where there
    is none. Runs one program."""
    program = finding.program[: finding.difference.at + 1]
    place = _last_elsewhere(program)
    if place is None:
        return None
    without = (*program[:place], *program[place + 1 :])
    if runner.try_one(without, finding.limits) is not None:
        return None
    return runner.model(finding.limits).expect(program).links[place].rule


def _last_elsewhere(program: Program) -> int | None:
    """The place of the last op that should not matter to the stream of the last of all."""
    stream = program[-1].stream
    if stream is None or any(isinstance(each.op, Together) for each in program):
        return None
    creates = [at for at, each in enumerate(program) if isinstance(each.op, Create)]
    made = creates[stream - 1] if 0 < stream <= len(creates) else len(program)
    for at in range(len(program) - 2, -1, -1):
        match program[at].op:
            case Get() | IsQueueFull():
                continue
            case Create() if at <= made:  # it takes so many for the stream to have its number
                continue
            case Create():
                return at
            case Clear() if at < made:
                return at
            case _ if program[at].stream not in {None, stream}:
                return at
    return None


def _settles_elsewhere(runner: Runner, program: Program, finding: Finding) -> bool:
    """Whether a pull or a push that waits of another stream has to do with the answer."""
    links = runner.model(finding.limits).expect(program).links
    waiting = bit_of(Rule.PUSH_9)
    pulls = [each.stream for each in program if each.pulls]
    pushes = [each.stream for each, link in zip(program, links, strict=True) if link.bit & waiting]
    callers: dict[object, int | None] = {}
    callers.update(enumerate(pulls, 1))
    callers.update((("push", number), stream) for number, stream in enumerate(pushes, 1))
    answers = finding.difference.expected, finding.difference.observed
    own = program[-1].stream
    return any(
        callers.get(_caller(each), own) != own for answer in answers for each in settled_in(answer)
    )


def _caller(settled: Json) -> object:
    match settled:
        case ["push", int(number), *_]:
            return "push", number
        case [int(number), *_]:
            return number
        case _:
            return None
