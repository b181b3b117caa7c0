"""Real guests: JavaScript, in an engine of its own, that streams to and from its host by number.

Needs the extra `isolate`. Start with `docs/how-to/stream-in-and-out-of-an-isolate.md`.
"""

from streamstate.registry import join_build

join_build(__name__, __path__[0])

from streamstate.isolate.errors import (
    EngineFailed,
    GuestError,
    IsolateDisposed,
    IsolateEnded,
    IsolateError,
    MemoryLimitExceeded,
    TimeLimitExceeded,
)
from streamstate.isolate.isolate import Isolate
from streamstate.isolate.quota import Quota

__all__ = [
    "EngineFailed",
    "GuestError",
    "Isolate",
    "IsolateDisposed",
    "IsolateEnded",
    "IsolateError",
    "MemoryLimitExceeded",
    "Quota",
    "TimeLimitExceeded",
]
