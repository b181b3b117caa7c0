"""Checks programs with their answers: exchanges with an adapter, and vectors."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from streamstate.model import (
    POLICIES,
    REFERENCE,
    CancelPull,
    Dialect,
    Limits,
    Rule,
    Seen,
    advance,
    initial,
)
from streamstate.oracle.adapters.implementation import Reply, read_reply, require_seq
from streamstate.oracle.recordings.lines import require_flat
from streamstate.oracle.verdict.comparing import first_difference
from streamstate.oracle.verdict.recording import FileDeviation
from streamstate.wire import (
    Json,
    Together,
    Turn,
    WireError,
    answer,
    encode_effects,
    is_array,
    is_object,
    parse_limits,
    parse_turns,
    shown,
)
from streamstate.wire.in_words import contrast, ops_in_words


class Asked(NamedTuple):
    """A program that was to be run, with its limits."""

    program: Sequence[Json]
    turns: tuple[Turn, ...]
    limits: Limits


def parse_asked(line: Mapping[str, Json]) -> Asked:
    """The program of a `run` or of a vector. Raises `WireError`."""
    program = line.get("program")
    if not is_array(program):
        raise WireError(f"a program must be a JSON array of ops, not {shown(program)}")
    limits = parse_limits(line["limits"]) if "limits" in line else Limits()
    return Asked(program, parse_turns(program), limits)


def parse_trace(line: Mapping[str, Json], turns: int) -> Reply:
    """The answer that a vector with so many turns has. Raises `WireError`."""
    answer = {"seq": 0, **{key: line[key] for key in _ANSWER if key in line}}
    return read_reply({"late": [], **answer} if "trace" in answer else answer, turns)


_ANSWER: Final = ("trace", "late", "failed")
"""The keys of an answer; what else a vector has is about it."""


def answers(asked: Asked, dialect: Dialect, *, quiet: bool) -> Iterator[tuple[Rule, list[Json]]]:
    """What conforms: a rule and an answer for each turn of a program; `quiet`: every chunk is seen
    before the next turn, as it always is after ops that are done together."""
    state = initial(dialect, asked.limits)
    for turn in asked.turns:
        if quiet or isinstance(turn, Together):
            answered = answer(state, turn)
            state = answered.state
            yield answered.rule, answered.json
        else:
            rule, state, effects = advance(state, turn)
            yield rule, encode_effects(effects)


def difference(
    number: int, asked: Asked, reply: Reply, dialect: Dialect, *, quiet: bool, exact: bool = True
) -> FileDeviation | None:
    """Where the reply on line `number` first differs from what conforms, if it does."""
    answered = tuple(answers(asked, dialect, quiet=quiet))
    expected = [json for _, json in answered]
    if repr(expected) == repr(list(reply.trace)) and not reply.late:
        return None  # which tells true from 1, and takes a tenth of the time
    found = first_difference(expected, reply, exact=exact)
    if found is None or not asked.turns:
        return None
    require_flat(found.observed)
    at = found.at
    (*_, called) = ops_in_words(asked.turns[: at + 1])
    return FileDeviation(
        number,
        answered[at][0],
        asked.program[at],
        found.expected,
        found.observed,
        called,
        *contrast(asked.turns[at], found.expected, found.observed),
        at,
        asked.program[: at + 1],
    )


class Exchange:
    """The lines between an oracle and an adapter: which programs are to be answered yet."""

    def __init__(self) -> None:
        self._exact = True
        self._due: Final[deque[tuple[int, Asked]]] = deque()

    @property
    def due(self) -> int:
        """How many programs got no answer."""
        return len(self._due)

    def start(self) -> None:
        """Begin with another adapter: what the one before owes will not come."""
        self._exact = True
        self._due.clear()

    def hello(self, line: Mapping[str, Json]) -> None:
        """Take the hello of the adapter."""
        self._exact = line.get("settle") != "best-effort"

    def run(self, line: Mapping[str, Json]) -> None:
        """Take a program that is to be run. Raises `WireError`."""
        seq = line.get("seq")
        if type(seq) is not int:
            raise WireError(f"seq is {shown(seq)}; expected an integer")
        self._due.append((seq, parse_asked(line)))

    def answer(
        self, number: int, line: Mapping[str, Json], dialect: Dialect
    ) -> tuple[Asked, FileDeviation | None]:
        """Take the answer to the oldest program that is due. Raises `WireError`."""
        if not self._due:
            raise WireError(f"{shown(dict(line))} answers a program that nobody asked for")
        seq, asked = self._due.popleft()
        require_seq(line["seq"], seq)
        reply = read_reply(line, len(asked.turns))
        return asked, difference(number, asked, reply, dialect, quiet=True, exact=self._exact)


def dialect_of_vector(line: Mapping[str, Json], wanted: Dialect | None) -> Dialect | None:
    """The dialect in which to check a vector: the one wanted, or None if the vector says nothing
    about it; else the nearest to `reference` about which it does. Raises `WireError`."""
    allowed = line.get("dialects", {})
    if not is_object(allowed):
        raise WireError(f"dialects is {shown(allowed)}; expected values by policy field")
    dialect = REFERENCE if wanted is None else wanted
    for field, values in allowed.items():
        if field not in POLICIES or not is_array(values) or not values:
            raise WireError(f"dialects has {field}: {shown(values)}; expected values of a policy")
        if getattr(dialect, field) in values:
            continue
        if wanted is not None:
            return None
        try:
            dialect = replace(dialect, **{field: values[0]})  # type: ignore[arg-type]  # tried
        except (TypeError, ValueError) as error:
            raise WireError(f"dialects has {field}: {error}") from None
    return dialect


def vector(
    number: int, asked: Asked, line: Mapping[str, Json], dialect: Dialect
) -> FileDeviation | None:
    """A program with its trace on one line. One that cancels or looks itself says so in ops;
    else awaiters look after each turn. Raises `WireError`."""
    quiet = not any(isinstance(turn, CancelPull | Seen) for turn in asked.turns)
    reply = parse_trace(line, len(asked.turns))
    return difference(number, asked, reply, dialect, quiet=quiet)
