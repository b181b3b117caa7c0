"""The page's data: what it knows of the semantics, all made from the model and its prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from streamstate.model import (
    NAMED,
    POLICIES,
    REFERENCE,
    Action,
    Control,
    Dialect,
    Event,
    Level,
    Limits,
    Phase,
    Rule,
    Transition,
    clear_rule,
    tabulate,
)
from streamstate.model.control import control_at
from streamstate.model.table import Entries, policies_of
from streamstate.semantics import Passage, passages
from streamstate.wire import (
    FORMS,
    MAX_ID,
    PULL_REFUSED,
    PULL_SUPERSEDED,
    STREAM_CLOSED,
    STREAM_DELETED,
    Json,
    encode_limits,
    read_json,
)


def explorer_data(version: str) -> dict[str, Json]:
    """All the data, for JSON. `version` is the version of this package.

    Raises `FileNotFoundError` if the normative page is not installed. O(table).
    """
    transitions: dict[Transition, int] = {}
    return {
        "version": version,
        "situations": [
            {"name": at.name, "phase": at.phase.name, "level": at.level.value} for at in Control
        ],
        "levels": len(Level),
        "at": {phase.name: [control_at(phase, level).value for level in Level] for phase in Phase},
        "table": {event.name: _table_of(event, transitions) for event in Event},
        "transitions": [_transition(each) for each in transitions],
        "clear": [clear_rule(*waiting).name for waiting in _WAITING],
        "actions": {action.name: action.value for action in Action},
        "policies": {field: list(values) for field, values in POLICIES.items()},
        "named": {name: _policies(dialect) for name, dialect in NAMED.items()},
        "limits": encode_limits(Limits()),
        "rules": {rule.name: _rule(rule, passage) for rule, passage in passages().items()},
        "forms": {op: _arguments(form) for op, form in FORMS.items()},
        "largest": MAX_ID,
        "reasons": _REASONS,
    }


_WAITING: Final = ((False, False), (True, False), (False, True))
"""Whether pulls and pushes wait: neither, pulls only, pushes."""

_REASONS: Final[Mapping[str, Json]] = {
    "superseded": PULL_SUPERSEDED,
    "refused": PULL_REFUSED,
    "deleted": STREAM_DELETED,
    "closed": STREAM_CLOSED,
}
"""The message of a rejection on the wire, if it brings no error value."""


def _table_of(event: Event, transitions: dict[Transition, int]) -> dict[str, Json]:
    """The policies that matter to an event, and for each choice of their values the transitions, as
    indices: by situation, then by the level after the op, then by whether others wait."""
    fields = policies_of(event)
    choices = product(*(POLICIES[field] for field in fields))
    return {
        "policies": list(fields),
        "cells": {
            " ".join(choice): _cells(tabulate(_dialect(fields, choice))[event], transitions)
            for choice in choices
        },
    }


def _dialect(fields: Sequence[str], values: Sequence[str]) -> Dialect:
    chosen = dict(zip(fields, values, strict=True))
    return replace(REFERENCE, **chosen)  # type: ignore[arg-type]  # values come from POLICIES


def _cells(entries: Entries, transitions: dict[Transition, int]) -> list[Json]:
    return [
        transitions.setdefault(transition, len(transitions))
        for by_level in entries
        for by_others in by_level
        for transition in by_others
    ]


def _transition(transition: Transition) -> dict[str, Json]:
    return {
        "rule": transition.rule.name,
        "leads": transition.control.value,
        "actions": [action.name for action in transition.actions],
        "returned": transition.returned,
    }


def _policies(dialect: Dialect) -> dict[str, Json]:
    return {field: getattr(dialect, field) for field in POLICIES}


def _rule(rule: Rule, passage: Passage) -> dict[str, Json]:
    return {
        "sentence": rule.value,
        "intent": passage.intent,
        "dialect": str(passage.dialect),
        "limits": encode_limits(passage.limits),
        "program": read_json(passage.program),
        "at": passage.about,
    }


def _arguments(form: str) -> list[Json]:
    """The arguments of an op: `["push", stream, base64]` has a stream and a base64."""
    _, *arguments = form.strip("[]").split(", ")
    return list(arguments)
