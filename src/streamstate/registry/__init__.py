"""The asyncio registry.

`core` has the ops, `pulls` what becomes of a pull after its call; both go by `situations`, the
model's table, whose `actions` change a `record`. `builds` says whether they run compiled.
"""

from typing import Final

from streamstate.registry.builds import Build, choose

_BUILD: Final = choose(__name__, __path__)

from streamstate.registry.buffers import BytesLike
from streamstate.registry.chunks import ChunkIterator
from streamstate.registry.core import StreamStateRegistry
from streamstate.registry.errors import (
    PullRefused,
    PullSuperseded,
    StreamDeleted,
    StreamError,
    StreamErrored,
)
from streamstate.registry.listening import Listener
from streamstate.registry.lockstep import LockstepError
from streamstate.registry.pending import PendingPull
from streamstate.registry.record import StreamView

__all__ = [
    "Build",
    "BytesLike",
    "ChunkIterator",
    "Listener",
    "LockstepError",
    "PendingPull",
    "PullRefused",
    "PullSuperseded",
    "StreamDeleted",
    "StreamError",
    "StreamErrored",
    "StreamStateRegistry",
    "StreamView",
    "build",
]


def build() -> Build:
    """Which build of the registry runs here: compiled, or pure Python, and why."""
    return _BUILD
