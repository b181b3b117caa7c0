"""A verdict as JSON, for programs to read."""

from __future__ import annotations

from streamstate.oracle.diagnosis import Deviation
from streamstate.oracle.verdict import Verdict, blind_spots, certificate, explanation
from streamstate.wire import Json, encode_limits, encode_program


def report(verdict: Verdict) -> dict[str, Json]:
    """The JSON report. Programs and answers are in wire form, `at` counts ops from 0."""
    tally = verdict.tally
    return {
        "verdict": verdict.word,
        "dialect": str(verdict.dialect),
        "conforms_to": list(tally.conforms_to),
        "implementation": _implementation(verdict),
        "programs": tally.programs,
        "ops": tally.ops,
        "seconds": round(tally.seconds, 3),
        "seed": verdict.seed,
        "rules": {rule.name: times for rule, times in sorted(tally.rules.items(), key=_by_name)},
        "deviating_programs": tally.deviating,
        "deviations": [_deviation(deviation) for deviation in verdict.deviations],
        "broken": _broken(verdict),
        "certificate": certificate(verdict),
        "blind_spots": list(blind_spots(verdict)),
    }


def _by_name(item: tuple[object, int]) -> str:
    return str(item[0])


def _implementation(verdict: Verdict) -> Json:
    hello = verdict.hello
    if hello is None:
        return None
    return {
        "name": hello.name,
        "version": hello.version,
        "language": hello.language,
        "capabilities": sorted(hello.capabilities),
        "settle": "exact" if hello.exact else "best-effort",
    }


def _deviation(deviation: Deviation) -> Json:
    limits = {} if deviation.limits is None else {"limits": encode_limits(deviation.limits)}
    return {
        "rule": deviation.rule.name,
        "says": deviation.rule.value,
        "seen_at": deviation.seen_at.name,
        "also_seen_at": [rule.name for rule in deviation.others],
        "kind": deviation.difference.kind.name.lower(),
        "program": encode_program(deviation.program),
        **limits,
        "at": deviation.difference.at,
        "expected": deviation.difference.expected,
        "observed": deviation.difference.observed,
        "explanation": explanation(deviation),
        "programs": deviation.programs,
        "repeatable": deviation.repeatable,
    }


def _broken(verdict: Verdict) -> Json:
    error = verdict.tally.broken
    if error is None:
        return None
    running = verdict.tally.running
    program = None if running is None else encode_program(each.op for each in running.program)
    return {
        "fault": error.fault.name.lower(),
        "message": error.message,
        "program": program,
        "stderr": error.stderr,
    }
