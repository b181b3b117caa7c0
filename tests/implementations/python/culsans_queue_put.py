"""The asyncio side of a culsans queue, whose `put` waits for room."""

from __future__ import annotations

from importlib.metadata import version

from tests.implementations.python.culsans_queue import CulsansQueue
from tests.implementations.python.exchange import Library
from tests.implementations.python.families import PutThatWaits
from tests.implementations.python.on_asyncio import run


class CulsansPut(PutThatWaits, CulsansQueue):
    """With a `put` that waits."""


if __name__ == "__main__":
    run(Library("culsans.Queue, put", version("culsans"), CulsansPut))
