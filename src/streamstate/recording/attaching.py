"""Having a registry watched by a recording, from now on or no longer.

A registry that nobody listens to collects no effects, which makes it faster. So what tells them is
put in place here, and taken out again with the last.
"""

from __future__ import annotations

from threading import get_ident

from streamstate.registry import Listener, StreamStateRegistry
from streamstate.registry.listening import Announcer


def catch_up(registry: StreamStateRegistry, what: str) -> None:
    """Do what every op begins with: cancel the pulls that were dropped unseen.

    Raises `RuntimeError`, saying that `what` is wanted, in a thread other than the registry's.
    """
    outside = registry._outside
    if outside.thread not in {0, get_ident()}:
        raise RuntimeError(
            f"cannot {what} in thread {get_ident()}: the registry belongs to thread"
            f" {outside.thread}"
        )
    outside.sweep()


def attach(registry: StreamStateRegistry, witness: Listener) -> None:
    """Have `witness` told of every op from now on, behind those that there are."""
    outside = registry._outside
    if outside.announcer is None:
        outside.announcer = Announcer()
    outside.announcer.witnesses = (*outside.announcer.witnesses, witness)


def detach(registry: StreamStateRegistry, witness: Listener) -> None:
    """Have `witness` told no more; nothing happens if it is not."""
    outside = registry._outside
    if outside.announcer is None:
        return
    rest = tuple(each for each in outside.announcer.witnesses if each is not witness)
    outside.announcer.witnesses = rest
    if not rest and not outside.announcer.listeners:
        outside.announcer = None
