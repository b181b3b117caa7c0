"""Faults of what the registry promises beyond the table: who is seen to, when, and in what order.

No comparison with the model finds these. Each names the test that does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest

from streamstate import StreamStateRegistry
from tests.quiet import QuietLoop

Patch: TypeAlias = Callable[[pytest.MonkeyPatch], None]
Check: TypeAlias = Callable[[QuietLoop], object]
"""A test with all that it wants but its loop."""


@dataclass(frozen=True, slots=True)
class PromiseFault:
    """`patch` makes the registry wrong, and `check` fails then, and only then."""

    name: str
    patch: Patch
    check: Check
    fails_with: type[BaseException] = AssertionError


def patching(*patches: tuple[object, str, object]) -> Patch:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for owner, name, value in patches:
            monkeypatch.setattr(owner, name, value)

    return patch


def without_a_loop(test: Callable[..., object], *given: object) -> Check:
    return lambda _quiet: test(*given)


def on_a_registry(test: Callable[..., None], **given: object) -> Check:
    return lambda _quiet: test(StreamStateRegistry(), **given)


def in_a_folder(test: Callable[..., None], **given: object) -> Check:
    def check(_quiet: QuietLoop) -> None:
        with TemporaryDirectory() as folder:
            test(Path(folder), **given)

    return check
