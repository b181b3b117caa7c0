"""Ops in one turn of the loop, in this process: how they are called, and what is told of them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import CancelPull, Close, Create, Delete, Get, Pull, Push
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import Suite, default_plan
from streamstate.testing import Convention, assert_conforms
from streamstate.wire import Together
from tests.implementations.python.my_registry import AsyncRegistry, Registry
from tests.testing import coroutines
from tests.testing.simple import SimpleRegistry


def bursts(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """A part of each suite of bursts."""
    for suite in default_plan(machine, capabilities, seed):
        if "bursts" in suite.name:
            yield suite._replace(programs=islice(suite.programs, 0, None, 9), complete=None)


class ClosesSoon(Registry):
    """Its close is noted once the loop comes round."""

    def close(self, number: int) -> None:
        asyncio.get_running_loop().call_soon(super().close, number)


class PullsSoon(Registry):
    """Its pull gives way before it does anything."""

    async def pull(self, number: int) -> bytes | None:  # type: ignore[override]  # the fault
        await asyncio.sleep(0)
        return await super().pull(number)


PLAIN: Final = Convention()


@pytest.mark.parametrize(
    ("factory", "convention"),
    [
        (StreamStateRegistry, PLAIN),
        (SimpleRegistry, PLAIN),
        (AsyncRegistry, PLAIN),
        (coroutines.AsyncRegistry, coroutines.CONVENTION),
    ],
)
def test_registries_of_every_style_conform_in_bursts(factory: type, convention: Convention) -> None:
    assert_conforms(factory, convention=convention, planner=bursts)


@pytest.mark.parametrize(("factory", "rule"), [(ClosesSoon, "CLOSE_3"), (PullsSoon, "PULL_3")])
def test_what_is_done_a_moment_late_is_told_with_its_rule(factory: type, rule: str) -> None:
    with pytest.raises(AssertionError, match="only when ops come in one turn") as raised:
        assert_conforms(factory, planner=bursts)
    assert f"caused at {rule}" in str(raised.value)
    assert "1 distinct cause" in str(raised.value)
    assert 'programs=[\'[["create"]' in str(raised.value)


def test_an_async_op_has_returned_before_the_next_is_called() -> None:
    pushed_first = (Create(), Together((Push(1, b"a"), Close(1))), Pull(1))
    assert_conforms(AsyncRegistry, programs=[pushed_first])


def test_an_async_pull_has_begun_before_the_next_op_is_called() -> None:
    assert_conforms(AsyncRegistry, programs=[(Create(), Together((Pull(1), Delete(1))))])


def test_a_view_is_read_when_it_is_returned() -> None:
    program = (Create(), Together((Get(1), Push(1, b"a"))))
    assert_conforms(coroutines.AsyncRegistry, programs=[program], convention=coroutines.CONVENTION)


def test_no_awaiter_runs_where_a_pull_is_given_up() -> None:
    program = (Create(), Push(1, b"a"), Together((Pull(1), CancelPull(1))), Pull(1))
    assert_conforms(AsyncRegistry, programs=[program], cancels=True)


def test_an_op_that_never_returns_does_not_hold_up_the_burst() -> None:
    class Hangs(AsyncRegistry):
        async def close(self, number: int) -> None:
            await super().close(number)
            await asyncio.get_running_loop().create_future()

    with pytest.raises(AssertionError, match="it has not returned"):
        assert_conforms(Hangs, programs=[(Create(), Together((Close(1), Create())))])
