"""A stream state registry: streams of bytes by number, for a host and its guest.

`StreamStateRegistry` is the registry for asyncio; `streamstate.model` is what it means;
`python -m streamstate check` tells whether another implementation means the same.
"""

from streamstate.contexts import (
    clear_stream_registry_for_context,
    get_stream_registry_for_context,
)
from streamstate.model import (
    HIGH_WATER_MARK,
    ISOLATE,
    MAX_QUEUE_CHUNKS,
    PLAN_01,
    REFERENCE,
    Chunk,
    Dialect,
    Done,
    Limits,
)
from streamstate.registry import (
    LockstepError,
    PullRefused,
    PullSuperseded,
    StreamClosed,
    StreamDeleted,
    StreamError,
    StreamErrored,
    StreamStateRegistry,
    StreamView,
    WriterStopped,
)

__version__ = "0.1.0"

__all__ = [
    "HIGH_WATER_MARK",
    "ISOLATE",
    "MAX_QUEUE_CHUNKS",
    "PLAN_01",
    "REFERENCE",
    "Chunk",
    "Dialect",
    "Done",
    "Limits",
    "LockstepError",
    "PullRefused",
    "PullSuperseded",
    "StreamClosed",
    "StreamDeleted",
    "StreamError",
    "StreamErrored",
    "StreamStateRegistry",
    "StreamView",
    "WriterStopped",
    "__version__",
    "clear_stream_registry_for_context",
    "get_stream_registry_for_context",
]
