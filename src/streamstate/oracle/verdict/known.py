"""Deviations that somebody has accepted, and what became of each in a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from streamstate.model import Dialect, Limits, Rule, Seen
from streamstate.oracle.verdict.deviation import Kind
from streamstate.wire import Json, Turn, parse_limits, parse_turns, read_json, without_fills

_REQUIRED: Final = ("rule", "program", "reason")

_OPTIONAL: Final = ("url", "kind", "dialect", "limits")

_KINDS: Final = {kind.name.lower(): kind for kind in Kind if kind is not Kind.FAILED}


@dataclass(frozen=True, slots=True)
class Known:
    """An accepted deviation. `kind` and `dialect` of None match any; `where` names the entry."""

    where: str
    rule: Rule
    program: tuple[Turn, ...]
    reason: str
    url: str | None = None
    kind: Kind | None = None
    dialect: Dialect | None = None
    limits: Limits | None = None


def known_of(value: Mapping[str, Json], where: str) -> Known:
    """The entry that a table of the file stands for, named `where`. Raises `ValueError`, whose
    message begins with that."""
    for key in value:
        if key not in (*_REQUIRED, *_OPTIONAL):
            keys = ", ".join((*_REQUIRED, *_OPTIONAL))
            raise ValueError(f"{where}: unknown key {key!r}; expected {keys}")
    for key in _REQUIRED:
        if key not in value:
            raise ValueError(f"{where}: {key} is missing")
    try:
        return Known(
            where=where,
            rule=_rule(value["rule"]),
            program=_program(value["program"]),
            reason=_text(value, "reason"),
            url=_text(value, "url") if "url" in value else None,
            kind=_kind(value["kind"]) if "kind" in value else None,
            dialect=Dialect.parse(_text(value, "dialect")) if "dialect" in value else None,
            limits=parse_limits(value["limits"]) if "limits" in value else None,
        )
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _rule(value: object) -> Rule:
    if isinstance(value, str) and value in Rule.__members__:
        return Rule[value]
    raise ValueError(f"rule is {value!r}; expected a rule such as CLOSE_2")


def _kind(value: object) -> Kind:
    if isinstance(value, str) and value in _KINDS:
        return _KINDS[value]
    raise ValueError(f"kind is {value!r}; expected one of {', '.join(_KINDS)}")


def _text(entry: Mapping[str, Json], key: str) -> str:
    value = entry[key]
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f"{key} is {value!r}; expected text")


def _program(value: Json) -> tuple[Turn, ...]:
    program = parse_turns(without_fills(read_json(value) if isinstance(value, str) else value))
    if not program:
        raise ValueError("the program has no ops")
    for index, op in enumerate(program):
        if isinstance(op, Seen):
            raise ValueError(f"program[{index}] cannot be asked of an adapter; leave it out")
    return program


@dataclass(frozen=True, slots=True)
class Stands:
    """Its program still deviates, in that way."""

    known: Known
    kind: Kind


@dataclass(frozen=True, slots=True)
class Gone:
    """Its program does not deviate any more."""

    known: Known


@dataclass(frozen=True, slots=True)
class Changed:
    """Its program deviates, but in another way than the entry says."""

    known: Known
    kind: Kind


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The exchange broke at its program, or was broken before."""

    known: Known


KnownStatus: TypeAlias = Stands | Gone | Changed | Unanswered
"""What became of an entry: in force, out of date in two ways, or not known."""
