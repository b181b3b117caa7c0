"""The one-line check: the right pass, the wrong are told what is wrong, and mistakes are named."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import islice
from typing import Any

import pytest

from streamstate import Dialect, Limits, StreamStateRegistry
from streamstate.model import CancelPull, Create, Get, IsQueueFull, Pull, PullResult, Push, Seen
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import Suite, default_plan
from streamstate.testing import Convention, assert_conforms
from streamstate.testing.driver import FactoryDriver
from tests.testing import coroutines, simple
from tests.testing.coroutines import CONVENTION, AsyncRegistry
from tests.testing.faults import FAULTS, PROGRAMS, Fault, tiny_plan
from tests.testing.simple import CloseForgets, SimpleRegistry
from tests.thorough import one_in

DIALECTS = ("reference", "plan-01", "isolate", "reference+overlapping_pull=queue")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_registry_conforms_in_its_dialect(dialect: str) -> None:
    make = partial(StreamStateRegistry, Dialect.parse(dialect))
    assert_conforms(make, dialect=dialect, programs=PROGRAMS)


def test_registries_that_nobody_here_derived_conform() -> None:
    assert_conforms(SimpleRegistry, programs=PROGRAMS)
    assert_conforms(AsyncRegistry, convention=CONVENTION, planner=tiny_plan)


SOME = (
    *(simple.CloseForgets, simple.FullLate, simple.DeleteForgets, simple.CountsAnew),
    *(simple.PushesAfterTheEnd, simple.Complains, coroutines.HandsTwice, coroutines.ClosesTooMuch),
)
"""The oracle's diagnosis has its own tests; the machine and the vectors see every fault."""


@pytest.mark.parametrize(
    "fault",
    one_in(3, [fault for fault in FAULTS if fault.factory in SOME]),
    ids=lambda fault: fault.factory.__name__,
)
def test_a_fault_is_caught_and_its_rule_named(fault: Fault) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_conforms(fault.make, convention=fault.convention, programs=PROGRAMS)
    headings = r"^\d+\. (?:Probably caused at )?([A-Z_\d]+)"
    named = re.findall(headings, str(caught.value), re.MULTILINE)
    assert any(rule.startswith(fault.rule) for rule in named), named


GOLDEN = """\
CloseForgets in this process (Python) deviates from reference: 1 distinct cause, in 1 of 1 program.

1. CLOSE_2
   close on a stream on which pulls wait MUST close it, and every waiting pull MUST be
   done, oldest first.

     shortest program   expected        observed
     create()           returns 1       as expected
     pull(1) as pull 1  the pull waits  as expected
   ✗ close(1)           pull 1 is done  no pull settles

   Probably at CLOSE_2 it always answers wrongly (22 of 22 wrong answers fit).
   Read on: streamstate rule CLOSE_2

1 program, 3 ops in 0.0 s (0.0 s of it driving); 3 rules exercised.
Again: assert_conforms(CloseForgets, programs=['[["create"],["pull",1],["close",1]]'])
"""


def test_the_message_is_this() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_conforms(CloseForgets, programs=['[["create"],["pull",1],["close",1]]'])
    text = re.sub(r"Python 3\.\d+", "Python", str(caught.value))
    assert re.sub(r"\d+\.\d s", "0.0 s", text) + "\n" == GOLDEN


@pytest.mark.thorough
def test_the_line_that_runs_it_again_names_dialect_and_limits() -> None:
    limits = Limits(1, 1)
    with pytest.raises(AssertionError) as caught:
        assert_conforms(
            CloseForgets, dialect="isolate", limits=limits, programs=[[Create(), Pull(1), Pull(1)]]
        )
    last = str(caught.value).splitlines()[-1]
    assert last == (
        "Again: assert_conforms(CloseForgets, dialect='isolate', limits=Limits(high_water_mark=1,"
        ' max_queue_chunks=1), programs=[\'[["create"],["pull",1],["pull",1]]\'])'
    )


def test_limits_that_cannot_be_set_can_be_told() -> None:
    class Small(SimpleRegistry):
        max_chunks = 3
        high_water_mark = 5

    assert_conforms(Small, limits=Limits(5, 3), planner=tiny_plan)
    with pytest.raises(AssertionError, match="IS_QUEUE_FULL_3"):
        assert_conforms(Small, programs=[(Create(), *(Push(1, b"a"),) * 3, IsQueueFull(1))])


def cancelling_plan(
    machine: CachedModel, capabilities: Collection[str], seed: int
) -> Iterator[Suite]:
    """Some of the programs in which pulls are given up."""
    for suite in default_plan(machine, capabilities, seed):
        if suite.name == "cancelling":
            yield suite._replace(programs=islice(suite.programs, 0, None, 25))


class Swallows(StreamStateRegistry):
    """What a pull was handed is gone if it is given up before anybody has looked."""

    def pull(self, stream: int) -> Any:
        pulled = super().pull(stream)

        async def shielded() -> PullResult:
            return await asyncio.shield(pulled)

        return shielded()


@pytest.mark.thorough
def test_pulls_are_given_up_if_that_is_asked_for() -> None:
    assert_conforms(StreamStateRegistry, planner=cancelling_plan, cancels=True)
    with pytest.raises(AssertionError, match="CANCEL_PULL_"):
        assert_conforms(Swallows, planner=cancelling_plan, cancels=True)


def test_a_program_may_give_up_a_pull() -> None:
    given_up = '[["create"],["together",["pull",1],["push",1,"AQ=="],["cancel_pull",1]],["pull",1]]'
    assert_conforms(StreamStateRegistry, programs=[given_up], cancels=True)
    with pytest.raises(AssertionError, match=r"Again: assert_conforms\(Swallows, cancels=True, "):
        assert_conforms(Swallows, programs=[given_up], cancels=True)


def test_get_is_left_alone_if_the_convention_says_so() -> None:
    class Lookup(SimpleRegistry):
        def get(self, stream: int) -> str:
            return f"something else about {stream}"

    with pytest.raises(AssertionError, match="GET_1"):
        assert_conforms(Lookup, programs=[(Get(1),)])
    for convention in (Convention(), Convention(get=False)):
        driver = FactoryDriver(Lookup, convention)
        driver.close()
        assert ("get" in driver.capabilities) is convention.get


def test_a_factory_may_be_async_and_may_want_limits_in_either_way() -> None:
    seen: list[object] = []

    async def make(limits: Limits) -> StreamStateRegistry:
        await asyncio.sleep(0)
        seen.append(limits)
        return StreamStateRegistry(limits=limits)

    def make_apart(*, high_water_mark: int, max_queue_chunks: int) -> StreamStateRegistry:
        seen.append((high_water_mark, max_queue_chunks))
        return StreamStateRegistry(limits=Limits(high_water_mark, max_queue_chunks))

    assert_conforms(make, limits=Limits(7, 2), programs=['[["create"]]'])
    assert_conforms(make_apart, limits=Limits(7, 2), programs=['[["create"]]'])
    assert {Limits(7, 2), (7, 2)} <= set(seen)


class NoMethods:
    """Lacks most."""

    def create(self) -> int:
        return 1

    def close(self, stream: int) -> None:
        pass


def need(count: int) -> SimpleRegistry:
    raise AssertionError(count)


async def never() -> SimpleRegistry:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


NO_FACTORY: Any = SimpleRegistry()
NO_REGISTRY: Any = NoMethods
ONE: Any = ['[["create"]]']


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: assert_conforms(NO_FACTORY), TypeError, "factory must be callable, not <tests"),
        (
            lambda: assert_conforms(NO_REGISTRY),
            TypeError,
            "NoMethods made a NoMethods without push, pull, error, is_queue_full, delete, clear; a",
        ),
        (lambda: assert_conforms(need), TypeError, "factory need needs an argument 'count'"),
        (lambda: assert_conforms(never), RuntimeError, "did not make a registry: it has not"),
        (
            lambda: assert_conforms(SimpleRegistry, dialect="plan-1"),
            ValueError,
            "unknown dialect 'plan-1'",
        ),
        (lambda: assert_conforms(SimpleRegistry, programs=[]), ValueError, "no programs to run"),
        (lambda: assert_conforms(SimpleRegistry, programs=["[]"]), ValueError, "has no ops"),
        (lambda: assert_conforms(SimpleRegistry, programs=["push"]), ValueError, "not JSON"),
        (
            lambda: assert_conforms(SimpleRegistry, programs=[[CancelPull(1)]]),
            ValueError,
            r"program\[0\] is CancelPull\(pull=1\), which takes cancels=True",
        ),
        (
            lambda: assert_conforms(SimpleRegistry, programs=[[Seen(1)]], cancels=True),
            ValueError,
            r"program\[0\] is Seen\(pull=1\), which cannot be asked",
        ),
    ],
)
def test_a_mistake_is_named_before_anything_runs(
    call: Callable[[], None], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call()


def test_inside_a_running_loop_it_says_where_to_call_it_from() -> None:
    async def test() -> None:
        assert_conforms(SimpleRegistry)

    with pytest.raises(RuntimeError, match="from a plain function, not from a coroutine"):
        asyncio.run(test())
