"""Several processes of one implementation at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, cycle, islice, tee
from typing import Final

from streamstate.oracle.adapters.implementation import (
    ExchangeError,
    Fault,
    Hello,
    Hurried,
    Implementation,
    Opener,
    Request,
)


def in_parallel(opener: Opener, jobs: int) -> Opener:
    """An opener of `jobs` implementations that stand for one; that opener itself for one job."""
    return opener if jobs == 1 else lambda: Team(opener, jobs)


class Team:
    """Several processes of one implementation, asked in turn, that look like one.

    The place of a program alone decides which process gets it, and answers come in the order of the
    requests. So the verdict is that of one process, whatever the number, for every implementation
    that keeps its programs apart. One thread moves all pipes: the implementation takes the time,
    and each of its processes runs on its own.

    The others start once there is a second program to run. Raises `ExchangeError` if one cannot
    start, or introduces itself in another way than the first.
    """

    def __init__(self, opener: Opener, jobs: int) -> None:
        if jobs < 1:
            raise ValueError(f"jobs must be at least 1, not {jobs}")
        self._opener: Final = opener
        self._jobs: Final = jobs
        self._members: Final[list[Implementation]] = [opener()]

    @property
    def hello(self) -> Hello:
        """How all of them introduced themselves."""
        return self._members[0].hello

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        begun = [request for request in (next(requests, None), next(requests, None)) if request]
        if len(begun) > 1:
            self._start_the_others()
        members = len(self._members)
        dealt = tee(chain(begun, requests), members)  # each takes its own as far ahead as it likes
        answers = [
            member.run(islice(dealt[index], index, None, members))
            for index, member in enumerate(self._members)
        ]
        for answering in cycle(answers):
            line = next(answering, None)
            if line is None:
                return
            yield line

    def _start_the_others(self) -> None:
        missing = self._jobs - len(self._members)
        if not missing:
            return
        with ThreadPoolExecutor(missing) as pool:
            starting = [pool.submit(self._opener) for _ in range(missing)]
        broken = [error for each in starting if (error := each.exception()) is not None]
        self._members.extend(each.result() for each in starting if each.exception() is None)
        if broken:
            raise broken[0]
        for member in self._members:
            if member.hello != self.hello:
                message = "its processes answered start in different ways"
                raise ExchangeError(Fault.HANDSHAKE, message)

    def hurry(self, seconds: float) -> None:
        """See `Hurried.hurry`."""
        for member in self._members:
            if isinstance(member, Hurried):
                member.hurry(seconds)

    def close(self) -> None:
        """End all of them, at the same time."""
        with ThreadPoolExecutor(len(self._members)) as pool:
            closing = [pool.submit(member.close) for member in self._members]
        for each in closing:
            each.result()
