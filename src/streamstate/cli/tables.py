"""What `dialects` shows."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.model import NAMED, POLICIES, Dialect, Limits, lattice
from streamstate.model.hazards import hazards
from streamstate.oracle.reports.lines import Line
from streamstate.wire import compact, encode_limits, encode_program


def dialect_lines(dialect: Dialect) -> Iterator[Line]:
    """The policy fields with their values, the named dialects, and the hazards of one."""
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
        yield Line(f"  {hazard.name} ({hazard.field}={hazard.value}): {hazard.sentence}")
        limits = "" if hazard.limits == Limits() else _limits_in_words(hazard.limits)
        yield Line(f"    {compact(encode_program(hazard.program))}{limits}", "dim")


def _limits_in_words(limits: Limits) -> str:
    return f"  with limits {compact(encode_limits(limits))}"
