"""The specification's vectors: programs with the answers that its definitions give."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamstate.model import POLICIES, Dialect, Get, Limits, Op, Rule, Seen, initial
from streamstate.testing.driver import FactoryDriver
from streamstate.testing.failure import Step, blamed, looks_after, told
from streamstate.wire import (
    Json,
    WireError,
    agrees,
    answer,
    is_array,
    is_object,
    parse_limits,
    parse_program,
    read_json,
    shown,
)

_PACKAGE: Final = Path(__file__).parents[1]


def own_vectors() -> Path:
    """The directory of the vectors that come with the package.

    A wheel has them in the package, a checkout in `spec`. Raises `FileNotFoundError` if they are
    in neither place.
    """
    places = (_PACKAGE / "vectors", _PACKAGE.parents[1] / "spec" / "vectors")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"no vectors in {places[0]} nor in {places[1]}")


@dataclass(frozen=True, slots=True)
class Vector:
    """`program` answers `trace` and takes `rules`, in every dialect whose fields have one of the
    values in `dialects`, by an implementation that has what it `needs`."""

    name: str
    file: Path
    line: int
    needs: frozenset[str]
    dialects: Mapping[str, Collection[str]]
    limits: Limits
    program: tuple[Op, ...]
    trace: tuple[Json, ...]
    rules: tuple[str, ...]

    def holds_in(self, dialect: Dialect) -> bool:
        """Whether it says something about `dialect`."""
        return all(getattr(dialect, field) in values for field, values in self.dialects.items())


def read_vectors(place: Path) -> Iterator[Vector]:
    """The vectors in a file, or in all files `*.jsonl` of a directory, by name.

    Raises `WireError`, naming file and line, for a line that is not a vector, and
    `FileNotFoundError` if there is no such file.
    """
    files = sorted(place.glob("*.jsonl")) if place.is_dir() else [place]
    if not files:
        raise FileNotFoundError(f"no *.jsonl in {place}")
    for file in files:
        for number, line in enumerate(file.read_bytes().splitlines(), start=1):
            try:
                yield _vector(read_json(line), file, number)
            except WireError as error:
                raise WireError(f"{file}:{number}: {error}") from None


def _vector(value: Json, file: Path, line: int) -> Vector:
    match value:
        case {
            "id": str(name),
            "needs": needs,
            "dialects": dialects,
            "program": program,
            "trace": trace,
            "rules": rules,
        } if is_array(needs) and is_object(dialects) and is_array(trace) and is_array(rules):
            return Vector(
                name,
                file,
                line,
                frozenset(map(str, needs)),
                dict(_allowed(dialects)),
                _limits(value),
                parse_program(program),
                tuple(trace),
                tuple(map(_rule, rules)),
            )
        case _:
            raise WireError(
                f"{shown(value)} is not a vector; expected id, needs, dialects, program, trace,"
                " rules"
            )


def _limits(line: Json) -> Limits:
    if is_object(line) and "limits" in line:
        return parse_limits(line["limits"])
    return Limits()


def _allowed(dialects: Mapping[str, Json]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for field, values in dialects.items():
        if field not in POLICIES or not is_array(values):
            raise WireError(f"dialects has {field}: {shown(values)}; expected values of a policy")
        yield field, tuple(map(str, values))


def _rule(name: Json) -> str:
    if not isinstance(name, str) or name not in Rule.__members__:
        raise WireError(f"{shown(name)} is not the name of a rule")
    return name


def deviation(vector: Vector, driver: FactoryDriver, dialect: Dialect) -> tuple[str, ...]:
    """The lines that say where an implementation's answers to a vector first differ, or nothing.

    The vector has the expected answers. If the implementation shows its streams, the model then
    tells at which op they first differ from what they should be.
    """
    answers = zip(vector.program, vector.rules, vector.trace, strict=True)
    # A driven implementation is quiet after each op, so its chunks are seen by then.
    steps = [Step(*answer) for answer in answers if not isinstance(answer[0], Seen)]
    found = _first_difference(steps, driver, vector.limits)
    if found is None:
        return ()
    done, _ = found
    seen_at = blamed(done)
    if "get" in driver.capabilities:
        watched = tuple(_watched((step.op for step in done), dialect, vector.limits))
        found = _first_difference(watched, driver, vector.limits) or found
    *before, last = found[0]
    shown = (*(step for step in before if not isinstance(step.op, Get)), last)
    lines = tuple(told(shown, found[1], vector.limits))
    return lines if blamed(shown) == seen_at else (*lines, f"   Without get: {seen_at}")


def _first_difference(
    steps: Sequence[Step], driver: FactoryDriver, limits: Limits
) -> tuple[Sequence[Step], Json] | None:
    """The steps up to the first one with a wrong answer, and that answer."""
    observed = driver.answers([step.op for step in steps], limits)
    for at, (step, seen) in enumerate(zip(steps, observed, strict=True)):
        if not agrees(step.expected, seen):
            return steps[: at + 1], seen
    return None


def _watched(program: Iterable[Op], dialect: Dialect, limits: Limits) -> Iterator[Step]:
    """The program with looks at the streams that each op could change, and the model's answers."""
    state = initial(dialect, limits)
    for op in program:
        answered = answer(state, op)
        yield Step(op, answered.rule.name, answered.json)
        state = answered.state
        for look in looks_after(op, state):
            shown = answer(state, look)
            yield Step(look, shown.rule.name, shown.json)
