"""How a fault is planted in the registry: another function in the place of one of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeAlias

import pytest

from streamstate.model import Action
from streamstate.registry import actions, core
from streamstate.registry.outside import Outside
from streamstate.registry.record import Doing, Record
from streamstate.registry.situations import situations

Patch = Callable[[pytest.MonkeyPatch], None]


Do: TypeAlias = Callable[[Outside, Record, Any], None]
"""Does one action; see `Doing`."""


class Planted(Doing):
    """Does what a function does."""

    def __init__(self, do: Do) -> None:
        self._do = do

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        self._do(outside, record, subject)


RIGHT: Final = actions._DO
"""What does each action as it should be done."""


def do_right(action: Action, outside: Outside, record: Record, subject: object) -> None:
    RIGHT[action].do(outside, record, subject)


def instead_of(action: Action, do: Do) -> Patch:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(actions, "_DO", {**actions._DO, action: Planted(do)})
        # What is compiled with the fault is kept apart, and goes when the fault does.
        monkeypatch.setattr(core, "situations", cache(situations.__wrapped__))

    return patch


def patching(owner: object, name: str, value: object) -> Patch:
    return lambda monkeypatch: monkeypatch.setattr(owner, name, value)


def together(*patches: Patch) -> Patch:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for each in patches:
            each(monkeypatch)

    return patch
