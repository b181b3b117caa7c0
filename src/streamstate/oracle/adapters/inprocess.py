"""Drives asyncio implementations in this process, one op at a time, each once all is quiet.

It does the next op when the loop has nothing left to run (`adapters.quiescence`), so everything
that the last one set off has happened by then. `Convention` says how to read an implementation.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final, TypeAlias

from streamstate.model import Limits
from streamstate.oracle.adapters.convention import Convention
from streamstate.oracle.adapters.implementation import Hello, Request
from streamstate.oracle.adapters.lending import WAYS, Lending
from streamstate.oracle.adapters.quiescence import QuietLoop, Steps
from streamstate.oracle.adapters.session import UNFINISHED, Answer, Session
from streamstate.wire import Turn, answer_text, compact, message_of

Factory: TypeAlias = Callable[[Limits], Any]
"""Makes a fresh registry, or an awaitable of one."""


class Driver(QuietLoop):
    """An event loop of its own, and fresh registries on it, read by that convention.

    Raises `RuntimeError` inside a running event loop.
    """

    def __init__(self, factory: Factory, convention: Convention) -> None:
        super().__init__()
        self._factory: Final = factory
        self._convention: Final = convention
        self.ways: tuple[Lending, ...] = WAYS
        """The ways in which it lends memory to pushes."""

    def make(self, limits: Limits) -> Steps[Any]:
        """A fresh registry. Raises what the factory raises."""
        made = self._factory(limits)
        if not inspect.isawaitable(made):
            return made
        making = self.spawn(made)
        yield None
        if not making.done():
            raise RuntimeError(f"the factory did not make a registry: {UNFINISHED}")
        return making.result()

    def session(self, limits: Limits) -> Steps[Session]:
        """A fresh registry to do ops on. Raises what the factory raises."""
        return Session(self, (yield from self.make(limits)), self._convention, self.ways)

    def answers(self, program: Iterable[Turn], limits: Limits) -> list[Answer]:
        """The answers to a whole program on a fresh registry, one for each turn.

        Raises what the factory raises, and nothing for what the registry does.
        """
        answers, _ = self.run(self._done(program, limits))
        return answers

    def thrown(self, program: Iterable[Turn], limits: Limits) -> BaseException | None:
        """The exception of the last op of the program that threw. Raises what the factory
        raises."""
        _, thrown = self.run(self._done(program, limits))
        return thrown

    def _done(
        self, program: Iterable[Turn], limits: Limits
    ) -> Steps[tuple[list[Answer], BaseException | None]]:
        session = yield from self.session(limits)
        answers = yield from session.do(program)
        yield from session.end()
        return answers, session.thrown


class Driven:
    """The registries of a driver, as an implementation that offers `capabilities`. `limits` are
    those of each registry, if they are fixed.

    Nobody can interrupt an op here that never returns: run such an implementation as a child.
    """

    def __init__(
        self,
        driver: Driver,
        name: str,
        version: str,
        capabilities: Collection[str],
        limits: Limits | None = None,
    ) -> None:
        self._driver: Final = driver
        language = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        offered = frozenset(capabilities)
        self.hello: Final = Hello(name, version, language, offered, exact=True, limits=limits)

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        for request in requests:
            yield self._answer(request).encode()

    def _answer(self, request: Request) -> str:
        try:
            program = [each.op for each in request.program]
            answers = self._driver.answers(program, request.limits or Limits())
        except Exception as error:
            return compact({"seq": request.seq, "failed": message_of(error)})
        trace = ",".join([answer_text(*answer) for answer in answers])
        return f'{{"seq":{request.seq},"trace":[{trace}],"late":[]}}'

    def thrown(self, request: Request) -> BaseException | None:
        """See `adapters.implementation.Traced`."""
        program = [each.op for each in request.program]
        return self._driver.thrown(program, request.limits or Limits())

    def close(self) -> None:
        """Close the loop."""
        self._driver.close()


_OURS: Final = Convention(error_value=lambda message: message)
"""That of `StreamStateRegistry`."""


class InProcessImplementation(Driven):
    """Registries made by `factory` that speak as ours does, with `get` and limits. With `cancels`
    it offers to cancel the tasks that await pulls, and those of pushes; with `unbuffered`, limits
    of zero."""

    def __init__(
        self,
        factory: Factory,
        name: str,
        version: str,
        *,
        cancels: bool = False,
        unbuffered: bool = False,
    ) -> None:
        offered = ["get", "limits", "together", "lends", "surrogates"]
        offered += ["unbuffered"] * unbuffered
        offered += ["cancel", "cancel_push"] * cancels
        super().__init__(Driver(factory, _OURS), name, version, offered)
