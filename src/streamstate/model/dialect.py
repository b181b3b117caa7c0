"""Dialects: where registries in the world differ, one named policy each.

The policies are orthogonal: any combination is a dialect, written `name+field=value+…` from a
named one. Four are named. `plan-01` is the letter of the document that the first implementation
was written from; `isolate` is what that implementation became; `reference`, the default, differs
from `plan-01` in one field, so that no pull can dangle; `whatwg` is what readable streams of the
web platform do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

OverlappingPull: TypeAlias = Literal["overwrite", "supersede", "refuse", "queue"]
ErroredBacklog: TypeAlias = Literal["hold", "drain", "drop"]
ErrorWhenClosed: TypeAlias = Literal["apply", "ignore", "while_queued"]
RepeatedError: TypeAlias = Literal["replace", "keep"]
PushWhenFull: TypeAlias = Literal["accept", "refuse", "wait", "wait_through_close"]

POLICIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "overlapping_pull": get_args(OverlappingPull),
        "errored_backlog": get_args(ErroredBacklog),
        "error_when_closed": get_args(ErrorWhenClosed),
        "repeated_error": get_args(RepeatedError),
        "push_when_full": get_args(PushWhenFull),
    }
)
"""Each policy field with the values that it can take, in the order of the specification."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One point of the lattice. Raises `ValueError` for a value that its field does not have.

    `overlapping_pull`: what a pull does while another waits (PULL_9 … PULL_12).
    `errored_backlog`: what becomes of queued chunks on error (ERROR_4 … ERROR_6, PULL_7, PULL_8).
    `error_when_closed`: whether an error after a close counts (ERROR_7 … ERROR_9, ERROR_12).
    `repeated_error`: which of two errors stays (ERROR_10, ERROR_11).
    `push_when_full`: what a push to a full stream does (PUSH_6, PUSH_7, PUSH_9), and what a
    close does to those that wait (CLOSE_6, CLOSE_7).
    """

    overlapping_pull: OverlappingPull = "supersede"
    errored_backlog: ErroredBacklog = "hold"
    error_when_closed: ErrorWhenClosed = "apply"
    repeated_error: RepeatedError = "replace"
    push_when_full: PushWhenFull = "accept"

    def __post_init__(self) -> None:
        for field, values in POLICIES.items():
            value = getattr(self, field)
            if value not in values:
                raise ValueError(f"{field} must be one of {', '.join(values)}; not {value!r}")

    @classmethod
    def parse(cls, text: str) -> Dialect:
        """The dialect written `name` or `name+field=value+…`, later fields winning.

        Raises `ValueError` naming the part that is wrong and what was expected.
        """
        name, *settings = text.split("+")
        if name not in NAMED:
            known = ", ".join(NAMED)
            raise ValueError(f"unknown dialect {name!r} in {text!r}; the named ones are {known}")
        chosen: dict[str, str] = {}
        for setting in settings:
            field, equals, value = setting.partition("=")
            if not equals or field not in POLICIES:
                raise ValueError(
                    f"{setting!r} in dialect {text!r} is not field=value"
                    f" with a field of {', '.join(POLICIES)}"
                )
            chosen[field] = value
        return replace(NAMED[name], **chosen)  # type: ignore[arg-type]  # checked by __post_init__

    def __str__(self) -> str:
        """The shortest way to write it, which `parse` reads back; ties go to the earlier name."""
        return min((self._relative_to(name) for name in NAMED), key=lambda text: text.count("+"))

    def _relative_to(self, name: str) -> str:
        differing = self.difference(NAMED[name])
        return "+".join([name, *(f"{field}={value}" for field, value in differing.items())])

    def difference(self, other: Dialect) -> dict[str, str]:
        """The policy fields, with their values here, in which this dialect differs from `other`."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        }


REFERENCE: Final = Dialect()
"""The default everywhere: `PLAN_01`, but a pull that another one overtakes is rejected."""

PLAN_01: Final = Dialect(overlapping_pull="overwrite")
"""The document from which the first implementation was written, to the letter."""

ISOLATE: Final = Dialect(overlapping_pull="overwrite", errored_backlog="drain")
"""The first implementation as it became: `PLAN_01`, but chunks come before an error."""

WHATWG: Final = Dialect("queue", "drop", "while_queued", "keep")
"""What readable streams of the web platform do."""

NAMED: Final[Mapping[str, Dialect]] = MappingProxyType(
    {"reference": REFERENCE, "plan-01": PLAN_01, "isolate": ISOLATE, "whatwg": WHATWG}
)
"""The named dialects. `reference` is the default everywhere."""


def lattice() -> tuple[Dialect, ...]:
    """Every point of the lattice (288), in a fixed order."""
    points = [REFERENCE]
    for field, values in POLICIES.items():
        points = [
            replace(point, **{field: value})  # type: ignore[arg-type]  # values come from POLICIES
            for point in points
            for value in values
        ]
    return tuple(points)
