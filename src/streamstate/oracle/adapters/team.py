"""Several processes of one implementation at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
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
    """An opener of `jobs` implementations that stand for one, or that opener itself for one job."""
    return opener if jobs == 1 else lambda: Team(opener, jobs)


class Team:
    """Several processes of one implementation, asked in turn, that look like one.

    Which program goes to which of them depends on nothing but its place, and answers come in the
    order of the requests. So the verdict is that of one process, whatever the number, for every
    implementation that keeps its programs apart. One thread moves all pipes: what takes time is
    the implementation, and each of its processes runs on its own.

    The others are started once there is a second program to run. Raises `ExchangeError` where one
    cannot be started or introduces itself in another way than the first.
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
        hand = _Hand(begun, requests, len(self._members))
        answers = [member.run(hand.of(index)) for index, member in enumerate(self._members)]
        turn = 0
        while (line := next(answers[turn], None)) is not None:
            yield line
            turn = (turn + 1) % len(answers)

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
                message = "its processes introduced themselves in different ways"
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


class _Hand:
    """Deals requests out to the members in turn, each taking its own as far ahead as it likes."""

    def __init__(self, begun: Sequence[Request], rest: Iterator[Request], members: int) -> None:
        self._begun: Final = deque(begun)
        self._rest: Final = rest
        self._dealt: Final[list[deque[Request]]] = [deque() for _ in range(members)]
        self._turn = 0

    def of(self, member: int) -> Iterator[Request]:
        """The requests that belong to one member."""
        own = self._dealt[member]
        while True:
            while not own:
                request = self._begun.popleft() if self._begun else next(self._rest, None)
                if request is None:
                    return
                self._dealt[self._turn].append(request)
                self._turn = (self._turn + 1) % len(self._dealt)
            yield own.popleft()
