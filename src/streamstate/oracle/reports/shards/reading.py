"""A JSON report read back as the verdict that it was written from.

Only what other things do not follow from is read: which rules were not exercised, what is claimed
and what the model answers is worked out anew.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from streamstate.model import Dialect, Rule
from streamstate.oracle.adapters.implementation import ExchangeError, Fault, Hello, Request
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.reports.as_json import FORMAT
from streamstate.oracle.reports.shards.fields import Field, ReportError
from streamstate.oracle.verdict.certificate import Certificate
from streamstate.oracle.verdict.deviation import Deviation, OwnView
from streamstate.oracle.verdict.difference import Difference, Kind
from streamstate.oracle.verdict.known import (
    Changed,
    Gone,
    Known,
    Standing,
    Stands,
    Unanswered,
    known_of,
)
from streamstate.oracle.verdict.mistake import Mistake
from streamstate.oracle.verdict.nearest import Nearest
from streamstate.oracle.verdict.shard import WHOLE, Shard
from streamstate.oracle.verdict.tally import Tally
from streamstate.oracle.verdict.verdict import Excused, Ran, Verdict
from streamstate.wire import (
    Json,
    Turn,
    WireError,
    is_array,
    parse_limits,
    parse_turns,
    read_json,
    trace,
)

_RULES: Final = {rule.name: rule for rule in Rule}
_KINDS: Final = {kind.name.lower(): kind for kind in Kind}
_FAULTS: Final = {fault.name.lower(): fault for fault in Fault}
_MISTAKES: Final = {mistake.name: mistake for mistake in Mistake}
_SETTLE: Final = {"exact": True, "best-effort": False}
_STANDINGS: Final = {name: name for name in ("stands", "gone", "changed", "unanswered")}


def read_verdict(text: bytes, file: str, version: str) -> Verdict:
    """The verdict in a report of `check`; `file` names it in messages.

    Raises `ReportError` for what is no report, or was not written by `version` of this package:
    another one may have another plan. O(length).
    """
    try:
        report = Field(read_json(text), file)
    except WireError as error:
        raise ReportError(f"{file}: {error}; expected a report of check --json") from None
    if report.key("report").integer() != FORMAT:
        raise report.key("report").wrong(f"{FORMAT}, the format of this version")
    if report.key("streamstate").text() != version:
        raise report.key("streamstate").wrong(f"{version}, the version that reads it")
    dialect = _dialect(report.key("dialect"))
    known = report.key("known").unless_null(_entries)
    return Verdict(
        dialect=dialect,
        hello=report.key("implementation").unless_null(_hello),
        tally=_tally(report),
        deviations=tuple(_deviation(each, dialect) for each in report.key("deviations").items()),
        suites=tuple(map(_ran, report.key("suites").items())),
        seed=report.key("seed").integer(),
        nearest=report.key("nearest").unless_null(_nearest),
        certificates=tuple(map(_certificate, report.key("certificates").items())),
        shard=report.key("shard").unless_null(_shard) or WHOLE,
        extra_states=report.key("extra_states").count(),
        excused=tuple(
            _excused(each, dialect, known or ()) for each in report.key("excused").items()
        ),
        standings=known,
        command=tuple(each.text() for each in report.key("command").items()),
        hurried=report.key("hurried").flag(),
    )


def _dialect(field: Field) -> Dialect:
    name = field.text()
    return field.parsed(lambda _: Dialect.parse(name))


def _hello(field: Field) -> Hello:
    said = {name: field.key(name).text() for name in ("name", "version", "language")}
    capabilities = frozenset(each.text() for each in field.key("capabilities").items())
    return Hello(**said, capabilities=capabilities, exact=field.key("settle").one_of(_SETTLE))


def _shard(field: Field) -> Shard:
    number, of = field.key("number").count(1), field.key("of").count(1)
    if number > of:
        raise field.wrong("number from 1 to of")
    return Shard(number, of)


def _tally(report: Field) -> Tally:
    broken = report.key("broken")
    program = broken.key("program").unless_null(_program) if broken.value is not None else None
    return Tally(
        programs=report.key("programs").count(),
        ops=report.key("ops").count(),
        seconds=report.key("seconds").number(),
        seconds_in_all=report.key("seconds_in_all").number(),
        deviating=report.key("deviating_programs").count(),
        rules=Counter(
            {_rule(name, times): times.count(1) for name, times in report.key("rules").pairs()}
        ),
        conforms_to=tuple(str(_dialect(each)) for each in report.key("conforms_to").items()),
        broken=broken.unless_null(_error),
        running=None if program is None else Request(0, program_of(program)),
        breaks_at=None if broken.value is None else broken.key("rule").unless_null(_named_rule),
        mistakes=Counter(
            {
                each.key("mistake").one_of(_MISTAKES): each.key("programs").count()
                for each in report.key("adapter_mistakes").items()
            }
        ),
        cut=report.key("cut_at").unless_null(Field.text),
    )


def _named_rule(field: Field) -> Rule:
    return field.one_of(_RULES)


def _rule(name: str, times: Field) -> Rule:
    return Field(name, times.file, times.path).one_of(_RULES)


def _error(field: Field) -> ExchangeError:
    fault = field.key("fault").one_of(_FAULTS)
    return ExchangeError(fault, field.key("message").text(), field.key("stderr").text())


def _ran(field: Field) -> Ran:
    return Ran(
        field.key("name").text(),
        field.key("says").text(),
        field.key("programs").count(1),
        field.key("deviating").count(),
    )


def _nearest(field: Field) -> Nearest:
    return Nearest(
        _dialect(field.key("dialect")),
        field.key("deviating").count(),
        field.key("programs").count(),
    )


def _program(field: Field) -> tuple[Turn, ...]:
    if not is_array(field.value):
        raise field.wrong("an array of ops")
    return field.parsed(parse_turns)


def _deviation(field: Field, dialect: Dialect) -> Deviation:
    program = _program(field.key("program"))
    at = field.key("at").count()
    if at >= len(program):
        raise field.key("at").wrong(f"the number of an op of {len(program)}, from 0")
    limits = field.key("limits").parsed(parse_limits) if field.has("limits") else None
    expected = trace(program[: at + 1], dialect, limits)[at].json
    kind = field.key("kind").one_of(_KINDS)
    return Deviation(
        rule=field.key("rule").one_of(_RULES),
        seen_at=field.key("seen_at").one_of(_RULES),
        program=program,
        limits=limits,
        difference=Difference(at, kind, "", expected, _observed(field.key("observed"), kind)),
        programs=field.key("programs").count(1),
        repeatable=field.key("repeatable").flag(),
        others=tuple(each.one_of(_RULES) for each in field.key("also_seen_at").items()),
        or_else=tuple(each.one_of(_RULES) for each in field.key("or_else").items()),
        same_at=tuple(each.one_of(_RULES) for each in field.key("same_at").items()),
        why=field.key("why").text(),
        own_view=field.key("own_view").unless_null(_own_view),
        shortest=field.key("shortest").flag(),
        minimal=field.key("minimal").flag(),
    )


def _own_view(field: Field) -> OwnView:
    return OwnView(
        field.key("stream").count(), field.key("expected").value, field.key("observed").value
    )


def _observed(field: Field, kind: Kind) -> Json:
    match field.value:
        case str() if kind is Kind.FAILED:
            return field.value
        case [_, settled] if is_array(settled) and kind is not Kind.FAILED:
            return field.value
        case _:
            raise field.wrong("an answer, [returned, settled], or a text where the adapter failed")


def _certificate(field: Field) -> Certificate:
    return Certificate(
        name=field.key("abstraction").text(),
        says=field.key("says").text(),
        dialect=_dialect(field.key("dialect")),
        limits=field.key("limits").unless_null(lambda limits: limits.parsed(parse_limits)),
        states=field.key("states").count(1),
        inputs=tuple(each.text() for each in field.key("inputs").items()),
        extra_states=field.key("extra_states").count(),
        programs=field.key("programs").count(),
        ran=field.key("ran").count(),
        blind_spot=field.key("blind_spot").text(),
    )


def _entries(field: Field) -> tuple[Standing, ...]:
    return tuple(map(_standing, field.items()))


def _standing(field: Field) -> Standing:
    known = _known(field)
    match field.key("standing").one_of(_STANDINGS):
        case "stands":
            return Stands(known, field.key("deviates").one_of(_KINDS))
        case "changed":
            kind = field.key("deviates").one_of(_KINDS)
            return Changed(known, Difference(0, kind, "", None, None))
        case "gone":
            return Gone(known)
        case _:
            return Unanswered(known)


def _known(field: Field) -> Known:
    keys = ("rule", "kind", "program", "limits", "dialect", "reason", "url")
    entry = {name: field.key(name).value for name in keys}
    given = {name: value for name, value in entry.items() if value is not None}
    return field.parsed(lambda _: known_of(given, field.key("where").text()))


def _excused(field: Field, dialect: Dialect, entries: tuple[Standing, ...]) -> Excused:
    where = field.key("where")
    for each in entries:
        if isinstance(each, Stands) and each.known.where == where.text():
            return Excused(_deviation(field, dialect), each.known)
    raise where.wrong("an entry of known that stands")
