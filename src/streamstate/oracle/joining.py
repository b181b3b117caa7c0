"""Joins the verdicts on all shards of a plan to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from itertools import pairwise
from typing import Final

from streamstate.oracle.diagnosis.policies import by_policy
from streamstate.oracle.reports.reading import Part, ReportError
from streamstate.oracle.verdict.certificate import Certificate
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.known import Changed, Gone, KnownStatus, Stands, Unanswered
from streamstate.oracle.verdict.tally import Tally, summed
from streamstate.oracle.verdict.verdict import WHOLE, Excused, Nearest, Ran, Verdict, is_certain
from streamstate.wire import compact, encode_program

_MOST_NAMED: Final = 5


def whole(parts: Sequence[Part]) -> Verdict:
    """The verdict on the whole plan, from those on its shards in any order, at least one.

    A complete suite shows something only if every program of it ran, in whichever shard, and none
    deviated. Raises `ReportError` if the verdicts are not about one plan and one implementation, or
    if a shard is missing or given twice. O(length).
    """
    ordered = sorted(parts, key=lambda part: part.verdict.shard)
    _require_one_plan(parts)
    _require_every_shard(ordered)
    verdicts = [part.verdict for part in ordered]
    first = verdicts[0]
    known = _known(verdicts)
    tally = _tally(verdicts)
    suites = tuple(_suites(verdicts))
    closest = _nearest(verdicts)
    deviations = _distinct(each for verdict in verdicts for each in verdict.deviations)
    if closest is not None:
        deviations = by_policy(deviations, first.dialect, closest)
    joined = replace(
        first,
        hello=next((each.hello for each in verdicts if each.hello is not None), None),
        tally=tally,
        deviations=deviations,
        suites=suites,
        nearest=closest,
        certificates=(),
        shard=WHOLE,
        excused=tuple(_excused(verdicts, known or ())),
        known=known,
        hurried=any(each.hurried for each in verdicts),
        stopped=any(each.stopped for each in verdicts),
    )
    if not is_certain(tally, joined.found):
        return joined
    return replace(joined, certificates=tuple(_certificates(ordered, suites)))


def _tally(verdicts: Sequence[Verdict]) -> Tally:
    tallies = [verdict.tally for verdict in verdicts]
    broken = next((each for each in tallies if each.broken is not None), Tally())
    return replace(
        summed(tallies),
        broken=broken.broken,
        running=broken.running,
        breaks_at=broken.breaks_at,
        cut=next((each.cut for each in tallies if each.cut is not None), None),
    )


def _suites(verdicts: Iterable[Verdict]) -> Iterator[Ran]:
    by_name: dict[str, list[Ran]] = {}
    for verdict in verdicts:
        for suite in verdict.suites:
            by_name.setdefault(suite.name, []).append(suite)
    for name, ran in by_name.items():
        programs = sum(each.programs for each in ran)
        yield Ran(name, ran[0].says, programs, sum(each.deviating for each in ran))


def suite_of(abstraction: str) -> str:
    """The name of the complete suite of an abstraction in the plan."""
    return f"complete: {abstraction}"


def _certificates(parts: Iterable[Part], suites: Iterable[Ran]) -> Iterator[Certificate]:
    """The certificates of complete suites over all shards, if nothing in them deviated."""
    deviating = {suite.name for suite in suites if suite.deviating}
    by_name: dict[str, tuple[str, Certificate]] = {}
    for part in parts:
        for each in part.verdict.certificates:
            file, known = by_name.get(each.name, (part.file, replace(each, ran=0)))
            if replace(known, ran=0) != replace(each, ran=0):
                raise ReportError(f"{file} and {part.file} say different things of {each.name!r}")
            by_name[each.name] = file, replace(known, ran=known.ran + each.ran)
    for file, certificate in by_name.values():
        if certificate.ran > certificate.programs:
            raise ReportError(f"{file}: {certificate.name!r} has more programs run than there are")
        if suite_of(certificate.name) not in deviating:
            yield certificate


def _distinct(deviations: Iterable[Deviation]) -> tuple[Deviation, ...]:
    """Deviations of one rule and kind made one, the smallest first, as `check` has them."""
    by_cause: dict[object, list[Deviation]] = {}
    for each in deviations:
        cause = each.rule, each.difference.kind, each.repeatable
        by_cause.setdefault(cause, []).append(each)
    distinct = [reduce(_both, sorted(alike, key=_size)) for alike in by_cause.values()]
    return tuple(sorted(distinct, key=_size))


def _size(deviation: Deviation) -> tuple[int, bool, int]:
    program = deviation.program
    return len(program), not deviation.shortest, len(compact(encode_program(program)))


def _both(smaller: Deviation, other: Deviation) -> Deviation:
    named = (smaller.rule, smaller.seen_at)
    more = (rule for rule in (other.seen_at, *other.others) if rule not in named)
    return replace(
        smaller,
        programs=smaller.programs + other.programs,
        others=tuple(dict.fromkeys((*smaller.others, *more))),
    )


def _nearest(verdicts: Iterable[Verdict]) -> Nearest | None:
    """The dialect that the shards found nearest, if all that looked for one found the same."""
    found = [verdict.nearest for verdict in verdicts if verdict.nearest is not None]
    if len({each.dialect for each in found}) != 1:
        return None
    return max(found, key=lambda each: (each.deviating, each.programs))


def _known(verdicts: Sequence[Verdict]) -> tuple[KnownStatus, ...] | None:
    """The outcome of each entry, from the shard with the worst one."""
    if verdicts[0].known is None:
        return None
    worst = (Stands, Gone, Changed, Unanswered)
    columns = zip(*(verdict.known or () for verdict in verdicts), strict=True)
    return tuple(max(column, key=lambda each: worst.index(type(each))) for column in columns)


def _excused(verdicts: Iterable[Verdict], known: Iterable[KnownStatus]) -> Iterator[Excused]:
    excused = [each for verdict in verdicts for each in verdict.excused]
    for status in known:
        of_it = [each.deviation for each in excused if each.known.where == status.known.where]
        yield from (Excused(each, status.known) for each in _distinct(of_it))


# --- Whether verdicts belong together --------------------------------------------------------


_SAME: Final[Mapping[str, Callable[[Verdict], object]]] = {
    "number of shards": lambda verdict: str(verdict.shard.of),
    "dialect": lambda verdict: str(verdict.dialect),
    "seed": lambda verdict: str(verdict.seed),
    "extra states": lambda verdict: str(verdict.extra_states),
    "list of known deviations": lambda verdict: (
        "none"
        if verdict.known is None
        else ", ".join(f"{each.known.rule.name} ({each.known.where})" for each in verdict.known)
    ),
    "implementation": lambda verdict: (
        verdict.hello and f"{verdict.hello.name} {verdict.hello.version} ({verdict.hello.language})"
    ),
    "lacks": lambda verdict: ", ".join(sorted(verdict.lacks)) or "nothing",
    "capabilities": lambda verdict: (
        verdict.hello and (", ".join(sorted(verdict.hello.capabilities)) or "none")
    ),
    "settle": lambda verdict: verdict.hello and ("exact" if verdict.hello.exact else "best-effort"),
}
"""What all reports have to agree on. Nothing is known about an implementation that never introduced
itself, so it may be any."""


def _require_one_plan(parts: Sequence[Part]) -> None:
    """Raise `ReportError`, which names two reports that are not about one plan and one
    implementation."""
    for what, told in _SAME.items():
        said = [(part.file, mine) for part in parts if (mine := told(part.verdict)) is not None]
        for (file, mine), (other, theirs) in pairwise(said):
            if mine != theirs:
                raise ReportError(f"{file} and {other} differ in {what}: {mine} and {theirs}")


def _require_every_shard(ordered: Sequence[Part]) -> None:
    """Raise `ReportError` if a shard is missing or given twice. `ordered` is sorted by shard, and
    all are of one plan."""
    for mine, theirs in pairwise(ordered):
        if mine.verdict.shard == theirs.verdict.shard:
            number, of = mine.verdict.shard
            raise ReportError(f"{mine.file} and {theirs.file} are both of shard {number}/{of}")
    of = ordered[0].verdict.shard.of
    if len(ordered) == of:
        return
    there = {part.verdict.shard.number for part in ordered}
    missing = [f"{number}/{of}" for number in range(1, of + 1) if number not in there]
    more = f" and {len(missing) - _MOST_NAMED} more" * (len(missing) > _MOST_NAMED)
    names = ", ".join(missing[:_MOST_NAMED])
    raise ReportError(f"{ordered[0].file} needs the reports of the other shards: {names}{more}")
