"""The one place that knows dask: a scheduler at an address, its workers, work sent to one of them.

What comes back is put into an inbox, in the order in which it came.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections.abc import Mapping
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias
from uuid import uuid4

from streamstate.cluster.work import ANSWER, MADE, Said, Work, order

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE: Final = 10.0
"""Seconds in which a scheduler has to answer, and a worker to hand over what is done."""


class ClusterError(Exception):
    """The cluster cannot be worked with; one line that says why, and what was expected."""


class Returned(NamedTuple):
    """What was sent under `key` was answered so."""

    key: str
    result: Any


class Failed(NamedTuple):
    """What was sent under `key` was not answered; why."""

    key: str
    why: str


Letter: TypeAlias = Returned | Failed | Said


class Seen(NamedTuple):
    """A worker: how many threads it has, and when the scheduler last heard from it, by a clock of
    the scheduler's own."""

    threads: int
    at: float


class Connection:
    """A scheduler that answers. Raises `ClusterError` where none does, within seconds."""

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        client_of = _client_class()
        self._patience: Final = patience
        self._inbox: Final[SimpleQueue[Letter]] = SimpleQueue()
        self._futures: Final[dict[str, Future[Any]]] = {}
        self._name: Final = f"streamstate-{uuid4().hex[:8]}"
        _require_scheduler(address, patience)
        self._client: Final[Client] = client_of(address, timeout=patience, set_as_default=False)
        self._client.subscribe_topic(self._name, self._heard)  # type: ignore[no-untyped-call]  # it has no types

    def workers(self) -> Mapping[str, Seen]:
        """Those that there are, by address. Raises `ClusterError` once the scheduler is gone."""
        if self._client.status != "running":
            raise ClusterError("the scheduler is gone")
        try:
            info = self._client.scheduler_info(n_workers=-1)
        except Exception as error:
            raise ClusterError(f"the scheduler does not answer: {error}") from None
        return {
            address: Seen(each["nthreads"], each["last_seen"])
            for address, each in info["workers"].items()
        }

    def ask_made(self, key: str, worker: str) -> None:
        """Ask a worker which streamstate it runs."""
        self._send(key, worker, MADE, b"")

    def send(self, key: str, worker: str, work: Work) -> None:
        """Send work to a worker. Keys are used once."""
        self._send(key, worker, ANSWER, order(self._name, key, work))

    def _send(self, key: str, worker: str, expression: str, sent: bytes) -> None:
        try:
            future = self._client.submit(
                eval,
                expression,
                {"sent": sent},
                key=f"{self._name} {key}",
                workers=[worker],
                allow_other_workers=False,
                pure=False,
            )
        except Exception as error:
            raise ClusterError(f"the scheduler takes no work: {error}") from None
        self._futures[key] = future
        future.add_done_callback(partial(self._came, key))  # type: ignore[no-untyped-call]  # likewise

    def next(self, seconds: float) -> Letter | None:
        """What came next, waited for so long; None where nothing did."""
        try:
            return self._inbox.get(timeout=seconds)
        except Empty:
            return None

    def forget(self, key: str) -> None:
        """Nobody waits for that any longer; a worker that has begun it goes on."""
        future = self._futures.pop(key, None)
        if future is not None:
            future.release()  # type: ignore[no-untyped-call]  # likewise

    def close(self) -> None:
        """Leave the cluster as it is."""
        self._futures.clear()
        self._client.close(timeout=2)  # type: ignore[no-untyped-call]  # likewise

    def _came(self, key: str, future: Future[Any]) -> None:
        """In a thread of the client's."""
        try:
            result = future.result(timeout=self._patience)
            letter: Letter = Returned(
                key, pickle.loads(result) if isinstance(result, bytes) else result
            )
        except BaseException as error:  # whatever is raised there comes here
            letter = Failed(key, f"{type(error).__name__}: {error}")
        self._inbox.put(letter)

    def _heard(self, event: tuple[float, bytes]) -> None:
        _, said = event
        self._inbox.put(pickle.loads(said))


def _client_class() -> type[Client]:
    try:
        from distributed import Client  # noqa: PLC0415  # an extra
    except ImportError:
        raise ClusterError(
            "a cluster needs dask.distributed: pip install 'streamstate[cluster]'"
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters comes back
    return Client


def _require_scheduler(address: str, patience: float) -> None:
    """Raise `ClusterError` unless a scheduler answers there in time. A client waits for ever for
    one that accepts a connection and says nothing."""
    from distributed import rpc  # noqa: PLC0415  # an extra

    async def kind() -> str:
        there = rpc(address)  # type: ignore[no-untyped-call]  # it has no types
        try:
            async with asyncio.timeout(patience):
                identity = await there.identity()
            return str(identity["type"])
        finally:
            await there.close_rpc()  # type: ignore[no-untyped-call]  # likewise

    try:
        found = asyncio.run(kind())
    except Exception as error:
        found = f"{type(error).__name__}: {error}".removesuffix(": ")
    if found != "Scheduler":
        raise ClusterError(
            f"no scheduler of dask.distributed answers at {address!r} within {patience:g} seconds"
            f" ({found}); expected an address such as tcp://127.0.0.1:8786"
        )
