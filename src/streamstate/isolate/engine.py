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
"""The guest calls this with whatever the engine makes of its arguments. It raises nothing."""


@dataclass(frozen=True, slots=True)
class Ran:
    """The script and its jobs have run to their end."""


@dataclass(frozen=True, slots=True)
class OutOfTimeError:
    """The step took longer than its limit. The engine may have stopped it anywhere."""


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The guest needed more memory than its limit, and did not catch the error."""


@dataclass(frozen=True, slots=True)
class Threw:
    """The script threw before its jobs ran. `name` is "" if it threw something other than an
    error."""

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

        Calls `ended` once, before it returns or later, and raises nothing. The isolate calls it
        again only after that.
        """

    def dispose(self) -> Future[None] | None:
        """End the engine at once, and free everything, at the latest in the event loop's next turn,
        or once the returned future is done. If a host function calls this during a step, the engine
        frees itself when the step is over, or ends the step."""


LEAST_MEMORY: Final = 1024 * 1024
"""The least memory, in bytes, that an engine and the shim can begin with."""

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
