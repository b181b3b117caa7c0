"""Reads JSON reports back as the verdicts that they were written from.

It validates a report against `spec/report.schema.json` first. Then it reads only what does not
follow from the rest: it works out anew what the model answers, which rules were not exercised, and
what a certificate claims. Whether a report tells the truth is up to whoever ran the check.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from jsonschema.validators import extend

from streamstate.model import Dialect, Rule
from streamstate.oracle.adapters.implementation import ExchangeError, Fault, Hello, Request
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.reports.as_json import FORMAT
from streamstate.oracle.verdict.certificate import Certificate
from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind, OwnView
from streamstate.oracle.verdict.known import (
    Changed,
    Gone,
    KnownStatus,
    Stands,
    Unanswered,
    known_of,
)
from streamstate.oracle.verdict.tally import Mistake, Tally
from streamstate.oracle.verdict.verdict import WHOLE, Excused, Nearest, NotRun, Ran, Shard, Verdict
from streamstate.semantics import of_the_specification
from streamstate.wire import (
    Json,
    WireError,
    is_array,
    is_object,
    parse_limits,
    parse_turns,
    read_json,
    shown,
    trace,
)
from streamstate.wire.in_words import clean

_LONGEST_TEXT: Final = 2_000
_LONGEST_MESSAGE: Final = 300
_KEYS_OF_KNOWN: Final = ("rule", "kind", "program", "limits", "dialect", "reason", "url")


class ReportError(ValueError):
    """A file is not a report, or the report does not belong with the others. One line, which names
    the report, what is wrong and what was expected."""


class Part(NamedTuple):
    """The verdict on one shard, and the file that it was read from."""

    file: str
    verdict: Verdict


def read_verdict(text: bytes, file: str, version: str) -> Verdict:
    """The verdict in a report of `check`; `file` names it in messages.

    Raises `ReportError` for anything that is not a report, or that another version than `version`
    wrote: it may have another plan. O(length).
    """
    try:
        report = read_json(text)
    except ValueError as error:
        raise ReportError(f"{file}: {error}; expected a report of check --json") from None
    try:
        _require_version(report, version)
        _require_schema(report)
        return _verdict(report)
    except ValueError as error:
        raise ReportError(f"{file}: {error}") from None


def _require_version(report: Json, version: str) -> None:
    """Check the version first: another version may have another schema."""
    wanted = {
        "report": (FORMAT, f"{FORMAT}, the format of this version"),
        "streamstate": (version, f"{version}, the version that reads it"),
    }
    for key, (mine, said) in wanted.items():
        if not is_object(report) or key not in report:
            raise ValueError(f"{key} is missing; expected a report of check")
        if report[key] != mine:
            raise _unexpected(key, report[key], said)


def _require_schema(report: Any) -> None:
    """Raise `ValueError`, which says where and how a report departs from the schema."""
    error = best_match(_validator().iter_errors(report))
    if error is None:
        return
    place = clean(error.json_path.removeprefix("$").removeprefix("."))
    if "program" in error.absolute_path:
        _require_program(report, error.absolute_path, place.partition("program")[0])
    said = error.message.removeprefix(repr(error.instance))
    value = "" if said == error.message else shown(error.instance)
    raise ValueError(clean(f"{place}: {value}{said}".removeprefix(": "), _LONGEST_MESSAGE))


def _require_program(report: Any, path: Iterable[str | int], before: str) -> None:
    """Raise `ValueError` in the words of the reader of programs, which has more to say of ops."""
    for key in path:
        report = report[key]
        if key == "program" and is_array(report):
            try:
                parse_turns(report)
            except WireError as error:
                raise ValueError(f"{before}program: {error}") from None


@cache
def _validator() -> Draft202012Validator:
    """The schema of reports. An integer is what Python calls so: 1.0 is none."""
    schema = of_the_specification("report.schema.json")
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, it: type(it) is int)
    strict = extend(Draft202012Validator, type_checker=types)  # type: ignore[no-untyped-call]  # it has no types
    found: Draft202012Validator = strict(json.loads(schema.read_text(encoding="utf-8")))
    return found


def _unexpected(place: str, value: Json, expected: str) -> ValueError:
    return ValueError(f"{place} is {shown(value)}; expected {expected}")


def _verdict(report: Any) -> Verdict:
    dialect = Dialect.parse(report["dialect"])
    hello, nearest, shard = (report[key] for key in ("implementation", "nearest", "shard"))
    known = report["known"] and tuple(map(_status, report["known"]))
    return Verdict(
        dialect=dialect,
        hello=None if hello is None else _hello(hello),
        tally=_tally(report),
        deviations=tuple(
            _deviation(each, f"deviations[{index}]", dialect)
            for index, each in enumerate(report["deviations"])
        ),
        suites=tuple(
            Ran(_text(each["name"]), _text(each["says"]), each["programs"], each["deviating"])
            for each in report["suites"]
        ),
        seed=report["seed"],
        nearest=None if nearest is None else _nearest(nearest),
        certificates=tuple(map(_certificate, report["certificates"])),
        shard=WHOLE if shard is None else _shard(shard),
        extra_states=report["extra_states"],
        excused=tuple(
            _excused(each, f"excused[{index}]", dialect, known or ())
            for index, each in enumerate(report["excused"])
        ),
        known=known,
        command=tuple(map(_text, report["command"])),
        hurried=report["hurried"],
        stopped=report["stopped"],
        not_run=tuple(
            NotRun(_shard(each), _text(each["why"])) for each in report.get("not_run", ())
        ),
        remarks=tuple(map(_text, report.get("remarks", ()))),
    )


def _text(said: str) -> str:
    """Cleans and cuts it, like everything that an implementation said."""
    return "\n".join(clean(line, _LONGEST_TEXT) for line in said.split("\n"))


def _nearest(nearest: Mapping[str, Any]) -> Nearest:
    counts = nearest["deviating"], nearest["programs"]
    return Nearest(Dialect.parse(nearest["dialect"]), *counts, followed=nearest["followed"])


def _hello(hello: Mapping[str, Any]) -> Hello:
    return Hello(
        name=_text(hello["name"]),
        version=_text(hello["version"]),
        language=_text(hello["language"]),
        capabilities=frozenset(map(_text, hello["capabilities"])),
        exact=hello["settle"] == "exact",
        lacks=frozenset(hello.get("lacks", ())),
        limits=parse_limits(hello["limits"]) if "limits" in hello else None,
    )


def _shard(shard: Mapping[str, Any]) -> Shard:
    if shard["number"] > shard["of"]:
        raise _unexpected("shard", shard, "number from 1 to of")
    return Shard(shard["number"], shard["of"])


def _tally(report: Mapping[str, Any]) -> Tally:
    tally = Tally(
        programs=report["programs"],
        ops=report["ops"],
        seconds=report["seconds"],
        seconds_in_all=report["seconds_in_all"],
        deviating=report["deviating_programs"],
        rules=Counter({Rule[name]: times for name, times in report["rules"].items()}),
        conforms_to=tuple(str(Dialect.parse(each)) for each in report["conforms_to"]),
        mistakes=Counter(
            {Mistake[each["mistake"]]: each["programs"] for each in report["adapter_mistakes"]}
        ),
        cut=report["cut_at"] and _text(report["cut_at"]),
    )
    broken = report["broken"]
    if broken is not None:
        fault = Fault[broken["fault"].upper()]
        tally.broken = ExchangeError(fault, _text(broken["message"]), _text(broken["stderr"]))
        tally.breaks_at = None if broken["rule"] is None else Rule[broken["rule"]]
        if broken["program"] is not None:
            tally.running = Request(0, program_of(parse_turns(broken["program"])))
    return tally


def _deviation(found: Mapping[str, Any], place: str, dialect: Dialect) -> Deviation:
    program, at, observed = parse_turns(found["program"]), found["at"], found["observed"]
    limits = parse_limits(found["limits"]) if "limits" in found else None
    kind = Kind[found["kind"].upper()]
    if at >= len(program):
        raise _unexpected(f"{place}.at", at, f"the number of an op of {len(program)}, from 0")
    is_answer = is_array(observed) and len(observed) == 2 and is_array(observed[1])
    if not (isinstance(observed, str) if kind is Kind.FAILED else is_answer):
        expected = "an answer, [returned, settled], or a text where the adapter failed"
        raise _unexpected(f"{place}.observed", observed, expected)
    model = trace(program[: at + 1], dialect, limits)[at].json
    others, or_else, same_at = (
        tuple(Rule[name] for name in found[key]) for key in ("also_seen_at", "or_else", "same_at")
    )
    return Deviation(
        rule=Rule[found["rule"]],
        seen_at=Rule[found["seen_at"]],
        program=program,
        limits=limits,
        difference=Difference(at, kind, "", model, observed),
        programs=found["programs"],
        repeatable=found["repeatable"],
        others=others,
        shortest=found["shortest"],
        minimal=found["minimal"],
        or_else=or_else,
        same_at=same_at,
        why=_text(found["why"]),
        own_view=None if found["own_view"] is None else OwnView(**found["own_view"]),
        traceback=tuple(map(_text, found["traceback"])),
    )


def _certificate(said: Mapping[str, Any]) -> Certificate:
    numbers = {key: said[key] for key in ("states", "extra_states", "programs", "ran")}
    return Certificate(
        name=_text(said["abstraction"]),
        says=_text(said["says"]),
        dialect=Dialect.parse(said["dialect"]),
        limits=None if said["limits"] is None else parse_limits(said["limits"]),
        inputs=tuple(map(_text, said["inputs"])),
        blind_spot=_text(said["blind_spot"]),
        **numbers,
    )


def _status(entry: Mapping[str, Any]) -> KnownStatus:
    given = {key: entry[key] for key in _KEYS_OF_KNOWN if entry[key] is not None}
    known = known_of(given, _text(entry["where"]))
    match entry["standing"], entry["deviates"]:
        case "stands", str(kind):
            return Stands(known, Kind[kind.upper()])
        case "changed", str(kind):
            return Changed(known, Kind[kind.upper()])
        case "gone", _:
            return Gone(known)
        case _:
            return Unanswered(known)


def _excused(
    found: Mapping[str, Any], place: str, dialect: Dialect, known: Sequence[KnownStatus]
) -> Excused:
    where = _text(found["where"])
    for each in known:
        if isinstance(each, Stands) and each.known.where == where:
            return Excused(_deviation(found, place, dialect), each.known)
    raise _unexpected(f"{place}.where", found["where"], "an entry of known that stands")
