"""The seam: all that an isolate asks of a JavaScript engine.

Three functions. `bind` puts a function of the host's into the global object, before any script
runs; `step` runs one script and every promise job that comes of it; `dispose` ends the engine.
Values that cross are None, booleans, ints, floats, strings, bytes, and lists and string-keyed dicts
of those; bytes are a `Uint8Array` over there. We do not trust an engine: this side checks whatever
comes from it.
"""

from __future__ import annotations

import math
from asyncio import Future
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

HostFunction: TypeAlias = Callable[..., Any]
"""Called by the guest with whatever the engine makes of its arguments. It raises nothing."""


@dataclass(frozen=True, slots=True)
class Ran:
    """The script and its jobs are through."""


@dataclass(frozen=True, slots=True)
class OutOfTimeError:
    """It took longer than its limit; it may have been stopped anywhere."""


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """It needed more than its limit, and did not catch that."""


@dataclass(frozen=True, slots=True)
class Threw:
    """The script threw, before its jobs. `name` is "" where that was no error."""

    name: str
    message: str
    stack: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The engine failed, or its process died: `why`."""

    why: str


Ending: TypeAlias = Ran | Threw | OutOfTimeError | OutOfMemory | Broken
"""How a step ended."""

RAN: Final = Ran()
OUT_OF_TIME: Final = OutOfTimeError()
OUT_OF_MEMORY: Final = OutOfMemory()


class Engine(Protocol):
    """One engine with one global object, for the thread, and the event loop, that made it."""

    def bind(self, name: str, function: HostFunction) -> None:
        """Make `function` a global of the guest."""

    def step(self, script: str, time_limit: float, ended: Callable[[Ending], None]) -> None:
        """Run the script and its promise jobs, for at most `time_limit` seconds.

        Calls `ended` once, before it returns or later, and raises nothing. Called again only then.
        """

    def dispose(self) -> Future[None] | None:
        """End it at once, and free everything, at the latest in the event loop's next turn, or once
        the future that this returns is done. During a step, as when a host function calls this,
        the engine frees itself when the step is over, or ends the step."""


LEAST_MEMORY: Final = 1024 * 1024
"""What an engine and the shim need, with room to begin."""

MOST_MEMORY: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Start:
    """The values to make an engine with. `memory_limit` is in bytes, `time_limit` in seconds. An
    engine that ends while no step runs calls `broke`. Raises `ValueError` for values out of range.
    """

    memory_limit: int
    time_limit: float
    broke: Callable[[Ending], None] = lambda _: None

    def __post_init__(self) -> None:
        memory, seconds = self.memory_limit, self.time_limit
        if type(memory) is not int or not LEAST_MEMORY <= memory <= MOST_MEMORY:
            expected = f"{LEAST_MEMORY} to {MOST_MEMORY} bytes"
            raise ValueError(f"memory_limit must be {expected}, not {memory!r}")
        if not (type(seconds) in {int, float} and 0 < seconds < math.inf):
            raise ValueError(f"time_limit must be seconds, more than 0, not {seconds!r}")
        object.__setattr__(self, "time_limit", float(seconds))  # not every engine takes an int
