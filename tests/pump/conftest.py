"""A registry whose queues are small, and a loop that waits for nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamstate import Dialect, Limits, StreamStateRegistry
from tests.quiet import QuietLoop


@pytest.fixture(params=["reference", "reference+push_when_full=wait_through_close"])
def registry(request: pytest.FixtureRequest) -> StreamStateRegistry:
    dialect = Dialect.parse(request.param)
    limits = Limits(high_water_mark=4_096)
    return StreamStateRegistry(dialect=dialect, lockstep=True, limits=limits)


@pytest.fixture
def quiet() -> Iterator[QuietLoop]:
    with QuietLoop() as quiet:
        yield quiet
    assert quiet.unraisable == []
