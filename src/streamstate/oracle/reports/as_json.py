"""A verdict as JSON, for programs to read. `spec/report.schema.json` says what is in it."""

from __future__ import annotations

from typing import Final

from streamstate.model import POLICIES, hazards
from streamstate.oracle.reports.remarks import explanation
from streamstate.oracle.reports.wording import blind_spots, certificate, fits, status_in_words
from streamstate.oracle.verdict.comparing import shortened
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.known import Changed, KnownStatus, Stands
from streamstate.oracle.verdict.verdict import WHOLE, Verdict
from streamstate.wire import Json, encode_limits, encode_program
from streamstate.wire.in_words import clean

FORMAT: Final = 1
"""The version of the format. A key may be added to it; a key that goes or changes its meaning makes
it 2."""

_DEEPEST: Final = 12
_MOST_CHARACTERS: Final = 100_000
_MOST_ITEMS: Final = 10_000
_LONGEST_MESSAGE: Final = 2_000


def as_json(verdict: Verdict, version: str) -> dict[str, Json]:
    """The JSON report. `version` is the version of this package that writes it (empty if it does
    not matter). Programs and answers are in wire form; `at` counts ops from 0."""
    tally = verdict.tally
    return {
        "report": FORMAT,
        "streamstate": version,
        "verdict": verdict.outcome,
        "dialect": str(verdict.dialect),
        "conforms_to": list(tally.conforms_to),
        "nearest": _nearest(verdict),
        "implementation": _implementation(verdict),
        "programs": tally.programs,
        "ops": tally.ops,
        "seconds": round(tally.seconds, 3),
        "seconds_in_all": round(tally.seconds_in_all, 3),
        "seed": verdict.seed,
        "extra_states": verdict.extra_states,
        "shard": None if verdict.shard == WHOLE else verdict.shard._asdict(),
        "suites": [each._asdict() for each in verdict.suites],
        "cut_at": tally.cut,
        "hurried": verdict.hurried,
        "stopped": verdict.stopped,
        "not_run": [
            each.shard._asdict() | {"why": clean(each.why, _LONGEST_MESSAGE)}
            for each in verdict.not_run
        ],
        "remarks": [clean(each, _LONGEST_MESSAGE) for each in verdict.remarks],
        "command": list(verdict.command),
        "rules": dict(sorted((rule.name, times) for rule, times in tally.rules.items())),
        "unexercised": [rule.name for rule in verdict.unexercised()],
        "deviating_programs": tally.deviating,
        "deviations": [deviation_json(deviation) for deviation in verdict.deviations],
        "excused": [
            deviation_json(each.deviation)
            | {"where": each.known.where, "reason": each.known.reason, "url": each.known.url}
            for each in verdict.excused
        ],
        "known": None
        if verdict.known is None
        else [_known(each, verdict) for each in verdict.known],
        "adapter_mistakes": [
            {"mistake": mistake.name, "says": mistake.value, "programs": programs}
            for mistake, programs in tally.mistakes.most_common()
        ],
        "broken": _broken(verdict),
        "certificate": certificate(verdict),
        "certificates": [each.to_json() for each in verdict.certificates],
        "blind_spots": list(blind_spots(verdict)),
    }


def _nearest(verdict: Verdict) -> Json:
    nearest = verdict.nearest
    if nearest is None:
        return None
    return {
        "dialect": str(nearest.dialect),
        "policies": {field: getattr(nearest.dialect, field) for field in POLICIES},
        "differs_in": nearest.dialect.difference(verdict.dialect),
        "hazards": [hazard.name for hazard in hazards(nearest.dialect)],
        "programs": nearest.programs,
        "deviating": nearest.deviating,
        "fits": fits(verdict, nearest),
        "followed": nearest.followed,
    }


def _implementation(verdict: Verdict) -> Json:
    hello = verdict.hello
    if hello is None:
        return None
    return {
        "name": clean(hello.name),
        "version": clean(hello.version),
        "language": clean(hello.language),
        "capabilities": sorted(clean(each) for each in hello.capabilities),
        "settle": "exact" if hello.exact else "best-effort",
        **({"lacks": sorted(hello.lacks), "untold": list(verdict.untold)} if hello.lacks else {}),
        **({} if hello.limits is None else {"limits": encode_limits(hello.limits)}),
    }


def deviation_json(deviation: Deviation) -> dict[str, Json]:
    """A deviation as the report has it."""
    limits = {} if deviation.limits is None else {"limits": encode_limits(deviation.limits)}
    view = deviation.own_view
    return {
        "rule": deviation.rule.name,
        "says": deviation.rule.value,
        "seen_at": deviation.seen_at.name,
        "also_seen_at": [rule.name for rule in deviation.others],
        "or_else": [rule.name for rule in deviation.or_else],
        "same_at": [rule.name for rule in deviation.same_at],
        "why": deviation.why,
        "own_view": None
        if view is None
        else {
            "stream": view.stream,
            "expected": view.expected,
            "observed": _observed(view.observed),
        },
        "traceback": [clean(line, _LONGEST_MESSAGE) for line in deviation.traceback],
        "kind": deviation.difference.kind.name.lower(),
        "program": encode_program(deviation.program),
        "shortest": deviation.shortest,
        "minimal": deviation.minimal,
        **limits,
        "at": deviation.difference.at,
        "expected": deviation.difference.expected,
        "observed": _observed(deviation.difference.observed),
        "explanation": clean(explanation(deviation), _LONGEST_MESSAGE),
        "programs": deviation.programs,
        "repeatable": deviation.repeatable,
    }


def _known(status: KnownStatus, verdict: Verdict) -> Json:
    known = status.known
    kind = status.kind if isinstance(status, Stands | Changed) else None
    return {
        "where": known.where,
        "rule": known.rule.name,
        "kind": None if known.kind is None else known.kind.name.lower(),
        "program": encode_program(known.program),
        "limits": None if known.limits is None else encode_limits(known.limits),
        "dialect": None if known.dialect is None else str(known.dialect),
        "reason": known.reason,
        "url": known.url,
        "standing": type(status).__name__.lower(),
        "says": status_in_words(status),
        "deviates": None if kind is None else kind.name.lower(),
        "excuses": [each.deviation.rule.name for each in verdict.excused if each.known is known],
    }


def _observed(value: Json) -> Json:
    """What an implementation said, cut if it is nested deeper than answers are, or longer than any
    chunk that programs push. O(size)."""
    return shortened(value, _MOST_CHARACTERS, _MOST_ITEMS, _DEEPEST)


def _broken(verdict: Verdict) -> Json:
    error = verdict.tally.broken
    if error is None:
        return None
    running = verdict.tally.running
    program = None if running is None else encode_program(each.op for each in running.program)
    return {
        "fault": error.fault.name.lower(),
        "message": clean(error.message, _LONGEST_MESSAGE),
        "program": program,
        "rule": None if verdict.tally.breaks_at is None else verdict.tally.breaks_at.name,
        "stderr": "\n".join(clean(line, 400) for line in error.stderr.splitlines()[-40:]),
    }
