"""Running a test inside an isolate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from streamstate import StreamStateRegistry, get_stream_registry_for_context
from streamstate.isolate import Isolate

ENGINES = ("jsbox", "quickjs-rs", "jsbox in a process")

Body = Callable[[Isolate, StreamStateRegistry], Awaitable[None]]


def in_isolate(body: Body, **options: Any) -> None:
    """Run the body with an isolate and its registry. Afterwards no task may be left."""
    options.setdefault("time_limit", 20.0)  # of one turn; a busy machine must not fail a test
    if "engine" in options:
        options.update(chosen(options["engine"]))

    async def main() -> None:
        async with Isolate(**options) as isolate:
            await body(isolate, get_stream_registry_for_context(isolate))
        await asyncio.sleep(0)  # what was cancelled hears of it
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def begun(awaitable: Awaitable[Any]) -> asyncio.Future[Any]:
    """It goes on in a task of its own."""
    return asyncio.ensure_future(awaitable)


async def until_quiet(isolate: Isolate) -> None:
    """Let tasks that can run do so, and the guest."""
    for _ in range(5):
        await asyncio.sleep(0)
        await isolate.quiet()


def chosen(engine: str) -> dict[str, Any]:
    """The options of an isolate for that one of `ENGINES`."""
    name, _, process = engine.partition(" in a ")
    return {"engine": name, "process": bool(process)}
