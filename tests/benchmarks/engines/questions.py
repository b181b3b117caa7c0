"""The questions, each asked of one engine in a process of its own, which prints the answer.

    python -m tests.benchmarks.engines.questions ENGINE QUESTION

Each answer is a few words for a table, and comes from a run, never from a description.
"""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from statistics import median
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from tests.benchmarks.engines import crossing
from tests.benchmarks.engines.adapters import ENGINES, Engine
from tests.benchmarks.engines.asking import called, result

Question: TypeAlias = Callable[[str], Coroutine[Any, Any, str]]
"""What to ask, of the engine with this name."""

MEBIBYTE: Final = 2**20
_ROUNDS: Final = 40
_CALLS: Final = list(range(10))
_MANY: Final = 1_000


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[Engine]:
    """The engine with this name, disposed of at the end: not all bear to be left open."""
    engine = ENGINES[name]()
    try:
        yield engine
    finally:
        with suppress(NotImplementedError):
            await engine.close()


def _of_one(ask: Callable[[Engine], Coroutine[Any, Any, str]]) -> Question:
    async def asked(name: str) -> str:
        async with opened(name) as engine:
            return await ask(engine)

    return asked


async def size(name: str) -> str:
    """On disk, with what it depends on."""
    return f"{sum(_sizes(name, {}).values()) / MEBIBYTE:.1f} MB"


def _sizes(name: str, seen: dict[str, int]) -> dict[str, int]:
    if name in seen:
        return seen
    package = distribution(name)
    files = [Path(str(file.locate())) for file in package.files or ()]
    seen[name] = sum(
        file.stat().st_size for file in files if file.is_file() and ".pyc" not in file.name
    )
    for requirement in package.requires or ():
        if ";" not in requirement:
            _sizes(re.split(r"[^\w.-]", requirement, maxsplit=1)[0], seen)
    return seen


async def thread(engine: Engine) -> str:
    """Where a host function runs."""
    ran_in: list[int] = []
    await engine.bind("note", lambda: ran_in.append(threading.get_ident()))
    await called(engine, "note()")
    return "the caller's" if ran_in == [threading.get_ident()] else "another one"


async def order(engine: Engine) -> str:
    """How often host calls that end in the order of their numbers settle in that order."""
    if not engine.awaits:
        return "none may wait"
    ended: list[float] = []

    async def wait(number: float) -> None:
        ended.append(number)

    await engine.bind("wait", wait)
    kept = 0
    for _ in range(_ROUNDS):
        ended.clear()
        settled = await engine.settled(f"""(async () => {{
            const settled = []
            await Promise.all({_CALLS}.map(i => wait(i).then(() => settled.push(i))))
            return settled.join()
        }})()""")
        if [int(number) for number in ended] != _CALLS:
            raise ValueError(f"the host ended {ended}; expected {_CALLS}")
        kept += settled == ",".join(map(str, _CALLS))
    return f"{kept} of {_ROUNDS}"


async def jobs(engine: Engine) -> str:
    """Whether the promise jobs of a script are done when its value is there."""
    await engine.evaluate("globalThis.done = 'no'")
    await engine.evaluate("Promise.resolve().then(() => { done = 'yes' }); 1")
    first = await engine.evaluate("done")
    if first == "yes":
        return "done"
    second = await engine.evaluate("done")
    return "done by a later script" if second == "yes" else "left"


async def call(engine: Engine) -> str:
    """What it takes to call a host function that does nothing, at best."""
    await engine.bind("nothing", lambda: None)
    wait = "if (called instanceof Promise) await called" if engine.awaits else ""
    script = f"for (let i = 0; i < {_MANY}; i++) {{ const called = nothing(); {wait} }} return 1"
    took = []
    for _ in range(10):
        start = perf_counter()
        await result(engine, script)
        took.append(perf_counter() - start)
    return f"{min(took) / _MANY * 1e6:.1f} µs"


async def dispose(name: str) -> str:
    """How long it takes to end an engine that holds a thousand objects."""
    took = []
    for _ in range(20):
        engine = ENGINES[name]()
        await engine.bind("nothing", lambda: None)
        await engine.evaluate("globalThis.kept = Array.from({ length: 1000 }, () => ({})); 1")
        start = perf_counter()
        try:
            await engine.close()
        except NotImplementedError:
            return "never"
        took.append(perf_counter() - start)
    return f"{median(took) * 1000:.2f} ms"


async def memory(name: str) -> str:
    """How much the process has grown by from the 100th engine to the 1,000th."""
    after_a_hundred = 0
    for number in range(1_000):
        if number == 100:
            gc.collect()
            after_a_hundred = _resident()
        engine = ENGINES[name]()
        await engine.bind("nothing", lambda: None)
        await called(engine, "nothing()")
        try:
            await engine.close()
        except NotImplementedError:
            return "one engine for a process"
    gc.collect()
    grown = (_resident() - after_a_hundred) / MEBIBYTE
    return f"{grown:+.0f} MB"


def _resident() -> int:
    """Bytes of this process that are in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ValueError("/proc/self/status has no VmRSS")


QUESTIONS: Final[Mapping[str, Question]] = MappingProxyType(
    {
        "installed": size,
        "host functions run in thread": _of_one(thread),
        "waiting host calls settle in order": _of_one(order),
        "promise jobs of a script": _of_one(jobs),
        "the caller gets of a host exception": _of_one(crossing.exception),
        "the guest sees of it": _of_one(crossing.caught),
        "an int beyond 32 bits": _of_one(crossing.ints),
        "Uint8Array and ArrayBuffer arrive as": _of_one(crossing.bytes_in),
        "bytes arrive as": _of_one(crossing.bytes_out),
        "a host call": _of_one(call),
        "dispose": dispose,
        "1,000 engines": memory,
    }
)
"""By what the table calls them."""

if __name__ == "__main__":
    _, engine_name, question = sys.argv
    print(asyncio.run(QUESTIONS[question](engine_name)), flush=True)
