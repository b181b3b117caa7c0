"""The asyncio registry.

`core` has the ops, `pulls` what becomes of a pull after its call; both go by `situations`, the
model's table, whose `actions` change a `record`.
"""

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
]
