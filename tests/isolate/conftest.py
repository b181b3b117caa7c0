"""The engines, under the same tests."""

from __future__ import annotations

import pytest

from tests.isolate.guests import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return named(request)


@pytest.fixture(
    params=[ENGINES[0], *(pytest.param(name, marks=pytest.mark.thorough) for name in ENGINES[1:])]
)
def engine_in_depth(request: pytest.FixtureRequest) -> str:
    """For what takes long in the others, or is the same host's code in all of them."""
    return named(request)


def named(request: pytest.FixtureRequest) -> str:
    name = request.param
    assert isinstance(name, str)
    return name
