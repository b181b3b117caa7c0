"""A registry whose queues are small, and a loop that waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamstate import Limits, StreamStateRegistry
from tests.quiet import QuietLoop


@pytest.fixture
def registry() -> StreamStateRegistry:
    return StreamStateRegistry(lockstep=True, limits=Limits(high_water_mark=4_096))


@pytest.fixture
def quiet() -> Iterator[QuietLoop]:
    with QuietLoop() as quiet:
        yield quiet
    assert quiet.unraisable == []
