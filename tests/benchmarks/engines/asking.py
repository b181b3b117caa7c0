"""How an engine is asked for the value of a call."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.engines.adapters import Engine


async def called(engine: Engine, expression: str, then: str = "value => value") -> Any:
    """The value of a call, awaited where host functions may wait."""
    wait = "await " if engine.awaits else ""
    return await result(engine, f"return ({then})({wait}{expression})")


async def result(engine: Engine, body: str) -> Any:
    """What a function with this body returns; an asynchronous one where there are such."""
    if engine.awaits:
        return await engine.settled(f"(async () => {{ {body} }})()")
    return await engine.evaluate(f"(() => {{ {body} }})()")
