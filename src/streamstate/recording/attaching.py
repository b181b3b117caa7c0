"""Listening to a registry that was made without a listener, from now on or no longer.

A registry that nobody listens to collects no effects, which makes it faster. So both its announcer
and what feeds it are put in place here, and taken out again with the last listener.
"""

from __future__ import annotations

from threading import get_ident

from streamstate.registry import Listener, StreamStateRegistry
from streamstate.registry.listening import Announcer


def catch_up(registry: StreamStateRegistry, what: str) -> None:
    """Do what every op begins with: cancel the pulls that were dropped unseen.

    Raises `RuntimeError`, saying that `what` is wanted, in a thread other than the registry's.
    """
    thread = registry._affinity.thread
    if thread is not None and thread != get_ident():
        raise RuntimeError(
            f"cannot {what} in thread {get_ident()}: the registry belongs to thread {thread}"
        )
    registry._pulls.cancel_dropped()


def attach(registry: StreamStateRegistry, listener: Listener) -> None:
    """Have `listener` told of every op from now on, behind the listeners that there are."""
    before = () if registry._announcer is None else registry._announcer._listeners
    _tell(registry, (*before, listener))


def detach(registry: StreamStateRegistry, listener: Listener) -> None:
    """Have `listener` told no more; nothing happens if it is not."""
    before = () if registry._announcer is None else registry._announcer._listeners
    _tell(registry, tuple(each for each in before if each is not listener))


def _tell(registry: StreamStateRegistry, listeners: tuple[Listener, ...]) -> None:
    outside = registry._outside
    outside.effects = [] if listeners else None
    registry._announcer = Announcer(listeners, outside) if listeners else None
    registry._pulls._announcer = registry._announcer
