"""What every contender is given to do; see `tests.benchmarks.peers`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, Literal, TypeAlias

CHUNK: Final = bytes(1024)
COUNT: Final = 400
ROOM: Final = 16
"""For how many chunks there is room in a work with back-pressure."""

Kind: TypeAlias = Literal["buffered", "handoff", "loop", "pipe"]

Work: TypeAlias = Callable[[], Coroutine[Any, Any, int]]
"""Does a work once and returns what it took, in nanoseconds."""
