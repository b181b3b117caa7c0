"""What the tests of the registry share as fixtures."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from streamstate import StreamStateRegistry
from tests.quiet import QuietLoop


@pytest.fixture
def registry() -> StreamStateRegistry:
    return StreamStateRegistry()


@pytest.fixture
def quiet() -> Iterator[QuietLoop]:
    """An event loop that runs until nothing is ready; nothing may be reported to it."""
    with QuietLoop() as quiet:
        yield quiet
    assert quiet.unraisable == []


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What finalizers raised, where nobody could catch it, in the order of its coming up."""
    raised: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: raised.append(args.exc_value))
    yield raised
    gc.collect()
