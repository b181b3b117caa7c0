"""Rules right after each other that short programs on one stream leave out: they take a full queue,
a view, or a clear beside another stream on which a pull waits.

`python -m tests.sequences` counts which pairs and triples the plan has, of those possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from streamstate.model import Get
from streamstate.oracle.suites.building import CLEAR, CREATE, FULL, ONE, TWO, On, Ops


def sequence_programs(*, get: bool) -> Iterator[Ops]:
    """All programs of this suite, in a fixed order. `get` says whether they may look into
    streams."""
    for ops in product(_on(ONE, get=get), repeat=3):
        yield (CREATE, ONE.push(FULL), *ops)
        if any(isinstance(op, Get) for op in ops):
            yield (CREATE, *ops)
            yield (ops[0], CREATE, *ops[1:])
    asked = _asked(TWO, get=get)
    for number, ops in enumerate(product(_on(TWO, get=get)[:-2], repeat=2)):
        for first in ((), (TWO.push(b"q"),), (TWO.close,)):
            after = asked[number % len(asked)], asked[number // len(asked) % len(asked)]
            yield (CREATE, CREATE, ONE.pull, *first, *ops, CLEAR, *after)


_LETTER: Final = b"a"


def _on(on: On, *, get: bool) -> Ops:
    """Every op on a stream, those that end it last."""
    looks = (on.get,) if get else ()
    staying = (on.push(_LETTER), on.pull, on.close, on.error(), on.is_full, *looks)
    return (*staying, on.delete, CLEAR)


def _asked(on: On, *, get: bool) -> Ops:
    """Every question about a stream that is gone."""
    looks = (on.get,) if get else ()
    return (on.push(b"?"), on.pull, on.close, on.error(), on.is_full, on.delete, *looks)
