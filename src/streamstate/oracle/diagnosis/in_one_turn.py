"""Finds what an implementation does wrong only before all is quiet, and the op that is not done by
then.

Of ops done together, one comes while another is not done yet. So diagnosis puts quiet after one op
at a time. If quiet after an op heals the program, that op is not done when it returns. No mistake
has to be supposed for this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from streamstate.model import CancelPull, Op, Rule
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis.clustering import Case, merge
from streamstate.oracle.diagnosis.localisation import Suspicion
from streamstate.oracle.programs.editing import Ops, inner_ops
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rulesets import op_family
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.tally import Group
from streamstate.wire import Together, Turn
from streamstate.wire.in_words import op_in_words


def one_by_one(runner: Runner, finding: Finding) -> Finding:
    """That of the same ops with quiet after each, if these deviate at an op of the same turn: it
    says at which, and is not another cause. Else the finding. At most one run."""
    turns, at = tuple(each.op for each in finding.program), finding.difference.at
    several = [place for place, turn in enumerate(turns) if _is_burst(turn)]
    if at not in several:
        return finding
    apart = runner.try_one(program_of(_apart(turns, several)), finding.limits)
    begin, end = (len(_apart(turns[:place], several)) for place in (at, at + 1))
    return apart if apart is not None and begin <= apart.difference.at < end else finding


def case_of(runner: Runner, finding: Finding, group: Group) -> Case | None:
    """The finding as a case, blamed on the op that is not done when it returns. None if the program
    also deviates with quiet after each op. Runs as many programs as it has ops."""
    turns = tuple(each.op for each in finding.program)
    several = [at for at, turn in enumerate(turns) if _is_burst(turn)]
    if not several or _deviates(runner, finding, _apart(turns, several)):
        return None
    at, place = _unfinished(runner, finding, turns, several)
    taken = runner.model(finding.limits).expect(finding.program).links[at].taken
    op, following = inner_ops(turns[at])[place : place + 2]
    deviation = Deviation(
        taken[place].rule,
        finding.rule,
        turns,
        finding.limits,
        finding.difference,
        group.programs,
        minimal=finding.minimal,
        why=_why(op, following),
    )
    suspicion = Suspicion(deviation.rule)
    return Case(deviation, suspicion, finding, example=group.smallest, in_one_turn=True)


def _unfinished(
    runner: Runner, finding: Finding, turns: Ops, several: Sequence[int]
) -> tuple[int, int]:
    """The turn, and the place of the op in it; the first op of the last such turn if quiet after
    one op is not enough."""
    for at in several:
        ops = inner_ops(turns[at])
        for place in range(len(ops) - 1):
            quiet = (*turns[:at], *_quiet_after(ops, place), *turns[at + 1 :])
            if not _deviates(runner, finding, quiet):
                return at, place
    return several[-1], 0


def _is_burst(turn: Turn) -> bool:
    ops = inner_ops(turn)
    return len(ops) > 1 and not any(isinstance(op, CancelPull) for op in ops)


def _apart(turns: Ops, several: Sequence[int]) -> Ops:
    return tuple(
        op
        for at, turn in enumerate(turns)
        for op in (inner_ops(turn) if at in several else (turn,))
    )


def _quiet_after(ops: Sequence[Op], place: int) -> Iterator[Turn]:
    for part in (ops[: place + 1], ops[place + 1 :]):
        yield Together(tuple(part)) if len(part) > 1 else part[0]


def _deviates(runner: Runner, finding: Finding, turns: Ops) -> bool:
    return runner.try_one(program_of(turns), finding.limits) is not None


def _why(op: Op, following: Op) -> str:
    return (
        f"It happens only when ops come in one turn: with quiet after {op_in_words(op)} the same"
        f" ops are answered as they should be. So that op is not done yet when"
        f" {op_in_words(following)} comes right after it."
    )


def told(cases: Iterable[Case]) -> list[Case]:
    """The cases, with those in which the same op is not done made one: what it leaves undone shows
    at whatever comes next."""
    distinct: list[Case] = []
    for case in cases:
        alike = (at for at, each in enumerate(distinct) if _is_of_one_op(each, case))
        known = next(alike, None)
        if known is None:
            distinct.append(case)
        else:
            merged = merge(distinct[known].deviation, case.deviation)
            distinct[known] = replace(distinct[known], deviation=merged)
    return distinct


def _is_of_one_op(known: Case, other: Case) -> bool:
    one, two = known.deviation.rule, other.deviation.rule
    return op_family(one) == op_family(two) and (one in _HANDING) == (two in _HANDING)


_HANDING: Final = frozenset({Rule.PUSH_4})
"""What a push does to a waiting pull has little to do with what it does to a queue."""
