"""Long queues in a ring of places that grows while it is wrapped, that is, while the oldest chunk
is not in its first place.

A ring that copies its places as they lie, or that takes the wrong place for the next one, is right
until it grows, and stays right if nothing was taken before. So the queue has as many chunks as the
ring has places, and begins at place one, at the half, or at the last, when one more chunk comes: at
every power of two. Waiting pulls may lie in a ring too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamstate.oracle.suites.building import CREATE, ONE, Ops

_SMALL: Final = (2, 3, 4, 7, 8, 15, 16, 17, 32, 64)
_LARGER: Final = (128, 256)
_LARGEST: Final = 4_096
_WAITING: Final = (4, 8, 16, 32, 64)


def ring_programs() -> Iterator[Ops]:
    """All programs of this suite, in a fixed order."""
    for places in _SMALL:
        for turned in sorted({1, places // 2, places - 1}):
            yield _grown(places, turned)
    for places in _LARGER:
        yield _grown(places, places // 2)
    yield _grown_at_each_power(3)
    yield from map(_waiting, _WAITING)


def _grown(places: int, turned: int) -> Ops:
    """So many chunks, of which so many come and go; then one more, and all of them taken."""
    return (
        *(CREATE, *ONE.pushes(places), *ONE.pulls(turned)),
        *(*ONE.pushes(turned, first=places + 1), *ONE.pushes(2, first=places + turned + 1)),
        *(*ONE.pulls(places + 3), ONE.is_full),
    )


def _waiting(places: int) -> Ops:
    """So many pulls, of which half get a chunk and come again; then one more; chunks for all."""
    half = places // 2
    turned = (*ONE.pulls(places), *ONE.pushes(half), *ONE.pulls(half + 1))
    return (CREATE, *turned, *ONE.pushes(places + 1, first=half + 1), ONE.is_full)


def _grown_at_each_power(turned: int) -> Ops:
    """One queue, turned by so many places at every power of two before it grows on."""
    ops: list[Ops] = [(CREATE,)]
    pushed = queued = 0
    places = 2 * turned
    while places <= _LARGEST:
        ops.append(ONE.pushes(places - queued, first=pushed + 1))
        pushed += places - queued
        ops += [ONE.pulls(turned), ONE.pushes(turned, first=pushed + 1)]
        pushed, queued = pushed + turned, places
        places = 1 << places.bit_length()
    ops += [ONE.pushes(1, first=pushed + 1), ONE.pulls(queued + 2)]
    return tuple(op for part in ops for op in part)
