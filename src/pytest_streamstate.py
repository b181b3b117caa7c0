"""What pytest loads of streamstate: its options, and next to nothing else until one is given.

It stands outside the package because importing any part of that imports asyncio and the registry,
some fifty milliseconds that every run of pytest would pay.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("streamstate", "vectors for stream state registries")
    group.addoption(
        "--streamstate-factory",
        metavar="MODULE:NAME",
        help="run the specification's vectors on the registries that this factory makes",
    )
    group.addoption(
        "--streamstate-dialect",
        metavar="DIALECT",
        help="the dialect that they should follow (default: reference)",
    )
    group.addoption(
        "--streamstate-vectors",
        metavar="PLACE",
        help="a file of vectors, or a directory of such (default: those of the package)",
    )
    group.addoption(
        "--streamstate-convention",
        metavar="MODULE:NAME",
        help="the streamstate.testing.Convention by which to read them",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Have vectors collected, if a factory is given. Raises `pytest.UsageError`."""
    factory = config.getoption("streamstate_factory")
    others = ("dialect", "vectors", "convention")
    if factory is None:
        for name in others:
            if config.getoption(f"streamstate_{name}") is not None:
                raise pytest.UsageError(
                    f"--streamstate-{name} is for --streamstate-factory=MODULE:NAME, which is"
                    " missing"
                )
        return
    from streamstate.testing.plugin import activate  # noqa: PLC0415  # only who needs it pays

    activate(config, factory)


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> pytest.Collector | None:
    """A state machine named like a test is collected as the test case that runs it."""
    machine = sys.modules.get("streamstate.testing.machine")
    base: Any = getattr(machine, "RegistryMachine", None)
    if base is None or not isinstance(obj, type) or not issubclass(obj, base):
        return None
    if obj is base or not collector.classnamefilter(name):
        return None
    case: type = getattr(obj, "TestCase")  # noqa: B009  # for mypy it is any class
    node: pytest.Class = collector.ihook.pytest_pycollect_makeitem(
        collector=collector, name=name, obj=case
    )
    node.obj = case
    node.own_markers.extend(getattr(obj, "pytestmark", ()))
    return node
