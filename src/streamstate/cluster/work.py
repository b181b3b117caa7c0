"""What a worker is asked to do, and what it says meanwhile. All of it is sent as bytes."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

Say: TypeAlias = Callable[[object], None]
"""Tells whoever asked something while the work goes on."""

_HERE: Final = "__import__('streamstate.cluster.work', fromlist=[''])"

MADE: Final = f"(__import__('streamstate').__version__, {_HERE}.sources())"
"""An expression that says on a worker which streamstate it runs, as `Made` has it. A function by
reference would be needed on the scheduler, too, and one by value could not be read by another
Python."""

ANSWER: Final = f"{_HERE}.answer(sent)"
"""An expression that does the work `sent` there."""


class Work(Protocol):
    """Something that any worker can do, as often as it takes."""

    @property
    def name(self) -> str:
        """What it is called on the dashboard."""
        ...

    @property
    def limit(self) -> float:
        """Seconds that a worker may take."""
        ...

    @property
    def worker(self) -> str | None:
        """The only worker that can do it, if any."""
        ...

    def do(self, say: Say) -> Any:
        """Do it, on the worker. What it returns is pickled."""
        ...


class Made(NamedTuple):
    """Which streamstate a process runs: its version, and a digest of its sources."""

    version: str
    sources: str


@cache
def sources() -> str:
    """A digest of the sources of this process. Reads them once."""
    digest = blake2b(digest_size=8)
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Said(NamedTuple):
    """Something that a worker says while it works under `key`; None once it has begun."""

    key: str
    what: object


def order(topic: str, key: str, work: Work) -> bytes:
    """What is sent to a worker. What it says goes to those who listen to `topic`."""
    return pickle.dumps((topic, key, work))


def answer(sent: bytes) -> bytes:
    """Do what was sent, on a worker; what came of it."""
    from distributed import get_worker  # noqa: PLC0415  # comes with the extra, as do workers

    topic, key, work = pickle.loads(sent)
    worker = get_worker()

    def say(what: object) -> None:
        worker.log_event(topic, pickle.dumps(Said(key, what)))

    say(None)
    return pickle.dumps(work.do(say))


class Seldom:
    """Says at most once a second."""

    def __init__(self, say: Say, seconds: float = 1.0) -> None:
        self._say: Final = say
        self._seconds: Final = seconds
        self._last = monotonic()

    def __call__(self, what: object) -> None:
        """Say it, unless something was said just now."""
        if monotonic() - self._last >= self._seconds:
            self._say(what)
            self._last = monotonic()
