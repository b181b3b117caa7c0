"""Registries in which pushes wait, whole or with a fault planted, opened in this process and asked
the programs in which pushes wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Final

from streamstate.model import Dialect
from streamstate.oracle.adapters.implementation import Implementation, Request, parse_reply
from streamstate.oracle.adapters.inprocess import Driven
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import Program
from streamstate.oracle.suites.plan import Planner, Suite, default_plan, requests
from streamstate.oracle.verdict.comparing import first_difference
from streamstate.testing.driver import FactoryDriver
from tests.oracle.waiting_faults import Fault

WAIT: Final = Dialect(push_when_full="wait")
THROUGH: Final = Dialect(push_when_full="wait_through_close")

_SOURCE: Final = Path(__file__).parents[1] / "implementations" / "python" / "waiting_registry.py"


def planted(source: str, *faults: Fault | None) -> str:
    """The source with those faults, one after the other. Raises `ValueError` where one cannot be
    planted."""
    for fault in faults:
        if fault is not None:
            if (times := source.count(fault.find)) != 1:
                raise ValueError(f"{fault.name}: {fault.find!r} occurs {times} times")
            source = source.replace(fault.find, fault.replace)
    return source


def registry(*faults: Fault | None) -> Callable[..., Any]:
    """The class of the registry, with those faults. Raises `ValueError` if one cannot be
    planted."""
    source = _SOURCE.read_text(encoding="utf-8")
    made: dict[str, Any] = {"__name__": __name__}  # where dataclasses look for annotations
    exec(compile(planted(source, *faults), "waiting", "exec", dont_inherit=True), made)
    found: Callable[..., Any] = made["Registry"]
    return found


def opened(made: Callable[..., Any], *without: str) -> Implementation:
    """Registries of that class in this process, whose pulls are not given up, and which do not
    offer those."""
    driver = FactoryDriver(made, cancels=True)
    return Driven(driver, driver.name, "1", driver.capabilities - {"cancel", *without})


_OF_PUSHES: Final = (
    *("waiting pushes, short", "waiting pushes", "waiting pushes, bursts"),
    *("complete: pushes given up", "complete: bursts of pushes that wait"),
    *("complete: pushes that wait on two streams", "complete: pushes given up behind a big chunk"),
)


def waiting_only(model: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """Of the default plan the suites in which pushes wait, but for the largest two."""
    planned = default_plan(model, capabilities, seed)
    return (suite for suite in planned if suite.name in _OF_PUSHES)


def first_shown(implementation: Implementation, planner: Planner = waiting_only) -> Program | None:
    """The first program of those suites that is not answered as it should be."""
    models = CachedModels()
    capabilities = implementation.hello.capabilities
    asked: deque[Request] = deque()

    def asking() -> Iterator[Request]:
        for request in requests(planner(models.of(WAIT), capabilities, 1)):
            asked.append(request)
            yield request

    try:
        for line in implementation.run(asking()):
            request = asked.popleft()
            expected = models.of(WAIT, request.limits).expect(request.program)
            if line != expected.line(request.seq):
                links = [link.json for link in expected.links]
                reply = parse_reply(line, request.seq, len(request.program))
                if first_difference(links, reply, exact=True) is not None:
                    return request.program
    finally:
        implementation.close()
    return None
