"""The engines, under the same tests."""

from __future__ import annotations

import pytest

from tests.isolate.guests import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name = request.param
    assert isinstance(name, str)
    return name
