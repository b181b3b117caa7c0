"""The part of the page's address after #: what it opens with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from streamstate.model import Dialect, Limits
from streamstate.wire import Json, Turn, compact, encode_limits, encode_program


def of_program(
    program: Sequence[Turn],
    dialect: Dialect | None = None,
    limits: Limits | None = None,
    *,
    looks_at_once: bool = False,
) -> str:
    """What opens a program at its end, in a dialect, and with limits if they are not the usual
    ones."""
    parts = {"program": compact(encode_program(program))}
    if dialect is not None:
        parts["dialects"] = str(dialect)
    if limits is not None:
        parts["limits"] = ",".join(map(str, encode_limits(limits).values()))
    if looks_at_once:
        parts["looks"] = "at-once"
    return urlencode(parts)


def of_deviation(dialect: Dialect, deviation: Mapping[str, Json]) -> str:
    """What opens a deviation of a JSON report at the op where it shows."""
    report: dict[str, Json] = {"report": 1, "dialect": str(dialect)}
    return urlencode({"report": compact(report | {"deviations": [deviation], "excused": []})})
