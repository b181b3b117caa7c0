"""The asyncio registry.

`core` has the ops, which go by `actions`, the model's table with the code that does it, and change
a `record`; `pull` is what becomes of a pull after its call, `waiting` what waits in a loop.
"""

from typing import TYPE_CHECKING

from streamstate.registry.core import BytesLike, StreamStateRegistry
from streamstate.registry.errors import (
    PullRefused,
    PullSuperseded,
    StreamDeleted,
    StreamError,
    StreamErrored,
)
from streamstate.registry.listening import Listener
from streamstate.registry.lockstep import LockstepError
from streamstate.registry.view import StreamView
from streamstate.registry.waiting import ChunkIterator

if TYPE_CHECKING:
    from streamstate.registry.pull import CoroutinePull as PendingPull
else:
    from streamstate.registry.pull import PendingPull

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
