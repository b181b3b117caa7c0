"""Who checks a recording: this process, several, or a cluster."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import BinaryIO, TypeAlias

import click

from streamstate import __version__
from streamstate.cluster.connection import ClusterError, Connection
from streamstate.cluster.hands import Hands
from streamstate.cluster.recordings import judging
from streamstate.model import Dialect
from streamstate.oracle.recordings import (
    Begin,
    FileVerdict,
    Judged,
    Piece,
    check,
    check_split,
    judge,
)

Check: TypeAlias = Callable[[str, BinaryIO, Dialect | None], FileVerdict]


class Unchecked(click.ClickException):
    """Lines that nobody checked: there is no verdict."""

    exit_code = 3


@contextmanager
def checker(jobs: int, address: str | None) -> Iterator[Check]:
    """What checks a recording. Raises `click.UsageError` for what is wrong with a cluster, and
    `Unchecked` where others than this process have died, or hang."""
    if address is not None:
        with _workers(address) as (shares, begin):
            yield partial(_split, shares, begin)
    elif jobs > 1:
        context = get_context("spawn")
        with ProcessPoolExecutor(jobs, context, _alone) as pool:
            yield partial(_split, jobs, partial(_begin, pool))
    else:
        yield check


def _split(
    shares: int, begin: Begin, name: str, file: BinaryIO, dialect: Dialect | None
) -> FileVerdict:
    try:
        return check_split(name, file, dialect, shares, begin)
    except BrokenProcessPool:
        raise Unchecked(f"{name}: a process of --jobs has died") from None
    except ClusterError as error:
        raise Unchecked(f"{name}: {error}") from None


def _begin(pool: ProcessPoolExecutor, pieces: Sequence[Piece]) -> Callable[[], Sequence[Judged]]:
    begun = [pool.submit(judge, piece) for piece in pieces]
    return lambda: [each.result() for each in begun]


def _alone() -> None:
    """In a process that judges: a signal from the keyboard is for the one that it works for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()


@contextmanager
def _workers(address: str) -> Iterator[tuple[int, Begin]]:
    try:
        hands = Hands(Connection(address), __version__, partial(click.echo, err=True))
    except ClusterError as error:
        raise click.UsageError(str(error)) from None
    try:
        with judging(hands) as found:
            yield found
    except ClusterError as error:
        raise click.UsageError(str(error)) from None
    finally:
        hands.close()
