"""The asyncio registry.

`core` has the ops, and `streams` the streams that they work on. They follow `actions`, the model's
table with the code that does it, and change a `record`. `pull` is what the caller of a pull holds,
`sending` what the sender of a chunk holds that may have to wait (`offers`), `waiting` what waits on
an event loop, `scopes` what happens at the end of a block, `outside` what a registry has to do with
threads, loops and listeners. `threads` has the ops for other threads, by way of `asked`, `crossing`
and `lifeline`; `watching` counts. `builds` says which modules run compiled.
"""

from typing import TYPE_CHECKING, Final

from streamstate.registry.builds import Build, choose, load

_BUILD: Final = choose(__name__, __path__[0])

from streamstate.registry.core import StreamStateRegistry
from streamstate.registry.errors import (
    PullRefused,
    PullSuperseded,
    StreamClosed,
    StreamDeleted,
    StreamError,
    StreamErrored,
    WriterStopped,
)
from streamstate.registry.listening import Listener
from streamstate.registry.lockstep import LockstepError
from streamstate.registry.outside import BytesLike
from streamstate.registry.scopes import ReaderScope, StreamScope, WriterScope
from streamstate.registry.threads import ThreadsafeRegistry
from streamstate.registry.view import StreamView
from streamstate.registry.waiting import ChunkIterator
from streamstate.registry.watching import OldestPull, Peak, Stats, Watch

if TYPE_CHECKING:
    from streamstate.registry.pull import CoroutinePull as PendingPull
    from streamstate.registry.sending import CoroutineSend as PendingSend
else:
    from streamstate.registry.pull import PendingPull
    from streamstate.registry.sending import PendingSend

__all__ = [
    "Build",
    "BytesLike",
    "ChunkIterator",
    "Listener",
    "LockstepError",
    "OldestPull",
    "Peak",
    "PendingPull",
    "PendingSend",
    "PullRefused",
    "PullSuperseded",
    "ReaderScope",
    "Stats",
    "StreamClosed",
    "StreamDeleted",
    "StreamError",
    "StreamErrored",
    "StreamScope",
    "StreamStateRegistry",
    "StreamView",
    "ThreadsafeRegistry",
    "Watch",
    "WriterScope",
    "WriterStopped",
    "build",
]


def join_build(package: str, folder: str) -> None:
    """Import the modules of that package compiled, if this package runs compiled."""
    if _BUILD is Build.COMPILED:
        load(package, folder, __path__[0])


def build() -> Build:
    """Which build of the registry runs here: compiled, or pure Python, and why."""
    return _BUILD
