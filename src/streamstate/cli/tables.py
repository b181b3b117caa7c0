"""What `dialects` shows: all dialects, one, or two side by side."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from streamstate.cli.events import EVENTS
from streamstate.cli.followers import by_nearest, followers, in_words
from streamstate.cli.rows import numbers_at, situations_of
from streamstate.model import NAMED, POLICIES, Dialect, Event, Limits, lattice
from streamstate.model.hazards import hazards
from streamstate.oracle.diagnosis.nearest_dialect import PROBES
from streamstate.oracle.programs.program import with_fills
from streamstate.oracle.reports.lines import Line, wrapped
from streamstate.wire import Turn, compact, encode_limits, encode_program, trace


def dialect_lines(dialect: Dialect) -> Iterator[Line]:
    """The policy fields with their values, the named dialects, the hazards of one, and who follows
    it."""
    yield Line(f"{len(lattice())} dialects: any choice of one value for each field.", "rule")
    for field, values in POLICIES.items():
        yield Line(f"  {field:<18} {' · '.join(values)}")
    yield Line("")
    yield Line("Named", "rule")
    for name, named in NAMED.items():
        chosen = " ".join(f"{field}={getattr(named, field)}" for field in POLICIES)
        yield Line(f"  {name:<10} {chosen}")
    yield Line("")
    yield Line(f"Hazards of {dialect}", "rule")
    for hazard in hazards(dialect):
        yield Line(
            f"  {hazard.name} ({hazard.field}={getattr(dialect, hazard.field)}): {hazard.sentence}"
        )
        limits = "" if hazard.limits == Limits() else _limits_in_words(hazard.limits)
        yield Line(f"    {compact(encode_program(hazard.program))}{limits}", "dim")
    yield Line("")
    yield Line(f"Followers of {dialect}", "rule")
    found = [each for each in followers() if each.follows(dialect)]
    for each in found:
        yield from wrapped(in_words(each, untold=True), "    ", "  ")
    if not found:
        yield Line("  none that we know of")


def lattice_lines() -> Iterator[Line]:
    """Which points of the lattice are the nearest to somebody, and to whom."""
    yield Line("")
    yield Line("Nearest to what others wrote", "rule")
    for dialect, those in by_nearest():
        yield Line(f"  {dialect}")
        yield from wrapped("; ".join(in_words(each, untold=False) for each in those), "    ")


def difference_lines(one: Dialect, other: Dialect) -> Iterator[Line]:
    """The policies and the situations in which two dialects differ."""
    yield Line(f"{one} · {other}", "rule")
    differing = one.difference(other)
    if not differing:
        yield Line("  They are the same.")
        return
    for field, value in differing.items():
        yield Line(f"  {field:<18} {value} · {getattr(other, field)}")
    yield Line("")
    yield Line("Where their rules differ", "rule")
    for event, (name, _) in EVENTS.items():
        for rules, situations in _differing(event, one, other).items():
            yield from wrapped(f"{name}, in {', '.join(situations)}:", "  ")
            yield Line(f"    {' · '.join(rules)}")
    yield Line("")
    program = compact([with_fills(turn) for turn in parting(one, other)])
    yield Line("They answer the last op of this differently")
    yield Line(f"  streamstate explain --dialect {one} --dialect {other} '{program}'")
    yield Line("")
    for dialect, apart in ((one, other), (other, one)):
        found = [each.name for each in hazards(dialect) if each not in hazards(apart)]
        yield Line(f"Hazards of {dialect} only: {', '.join(found) or 'none'}")


def parting(one: Dialect, other: Dialect) -> tuple[Turn, ...]:
    """A short program whose last op two dialects answer differently. Raises `ValueError` if they
    are the same. O(probes)."""
    return min(_parting_programs(one, other), key=len)


def _parting_programs(one: Dialect, other: Dialect) -> Iterator[tuple[Turn, ...]]:
    for probe in PROBES:
        ops = tuple(symbol.op for symbol in probe)
        answers = zip(trace(ops, one), trace(ops, other), strict=True)
        differing = (place for place, (a, b) in enumerate(answers, 1) if a.json != b.json)
        yield from (ops[:place] for place in islice(differing, 1))


def _differing(event: Event, one: Dialect, other: Dialect) -> dict[tuple[str, str], list[str]]:
    """The rules that only one of two dialects takes, with the situations."""
    op = EVENTS[event][0].partition(" ")[0].upper()
    found: dict[tuple[str, str], list[str]] = {}
    shown = {*situations_of(one), *situations_of(other)}
    for at in sorted(shown):
        rules = tuple(
            ", ".join(f"{op}_{number}" for number in numbers_at(event, at, dialect))
            for dialect in (one, other)
        )
        if rules[0] != rules[1]:
            found.setdefault((rules[0], rules[1]), []).append(at.name)
    return found


def _limits_in_words(limits: Limits) -> str:
    return f"  with limits {compact(encode_limits(limits))}"
