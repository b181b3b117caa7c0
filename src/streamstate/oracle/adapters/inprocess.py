"""Asyncio implementations in this process, driven one op at a time, each once it is quiet.

The next op is done when the loop has nothing left to run (`adapters.quiescence`), so that all that
the last one set off has happened by then. `Convention` says how an implementation is read.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final, TypeAlias

from streamstate.model import Get, Limits, Op
from streamstate.oracle.adapters.implementation import Hello, Request
from streamstate.oracle.adapters.lending import WAYS, Lending
from streamstate.oracle.adapters.quiescence import QuietLoop, Steps
from streamstate.oracle.adapters.session import UNFINISHED, Answer, Convention, Session
from streamstate.wire import Json, Turn, answer_text, compact, encode_view, message_of

Factory: TypeAlias = Callable[[Limits], Any]
"""Makes a fresh registry, or what is awaited for one."""


class Driver(QuietLoop):
    """An event loop of its own, and fresh registries on it that are read by that convention.

    Raises `RuntimeError` inside a running event loop.
    """

    def __init__(self, factory: Factory, convention: Convention) -> None:
        super().__init__()
        self._factory: Final = factory
        self._convention: Final = convention
        self.ways: tuple[Lending, ...] = WAYS
        """In which memory is lent to pushes."""

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
        return self.run(self._answers(program, limits))

    def _answers(self, program: Iterable[Turn], limits: Limits) -> Steps[list[Answer]]:
        session = yield from self.session(limits)
        answers = yield from session.do(program)
        yield from session.end()
        return answers

    def thrown(self, program: Iterable[Turn], limits: Limits) -> BaseException | None:
        """What the last op of a program threw that threw something. Raises what the factory
        raises."""
        return self.run(self._thrown(program, limits))

    def _thrown(self, program: Iterable[Turn], limits: Limits) -> Steps[BaseException | None]:
        session = yield from self.session(limits)
        yield from session.do(program)
        yield from session.end()
        return session.thrown


class Driven:
    """What a driver drives, as an implementation that offers `capabilities`. `limits` are those of
    each of its registries, where they are fixed.

    An op that never returns cannot be interrupted here: run it as a child for that.
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


class InProcessImplementation(Driven):
    """Registries made by `factory` that speak as ours does, `get` and limits among it. With
    `cancels` it offers to cancel the tasks that await pulls."""

    def __init__(self, factory: Factory, name: str, version: str, *, cancels: bool = False) -> None:
        offered = ["get", "limits", "together", "lends", "surrogates"]
        offered += ["cancel"] * cancels
        super().__init__(Driver(factory, _Ours()), name, version, offered)


class _Ours:
    """The convention of `StreamStateRegistry`."""

    def error_value(self, message: str) -> object:
        """The message itself."""
        return message

    def chunk(self, result: Any) -> bytes | None:
        """`Chunk` or `Done`."""
        chunk: bytes | None = None if result.done else result.value
        return chunk

    def rejection(self, error: BaseException) -> str:
        """The message of the exception."""
        return message_of(error)

    def returned(self, op: Op, value: Any) -> Json:
        """As JSON; what no op may return is shown as a string."""
        if value is None or isinstance(value, (bool, int, float, str, dict)):
            return value
        return encode_view(value) if isinstance(op, Get) else repr(value)

    def threw(self, error: BaseException) -> str:
        """The message of the exception."""
        return message_of(error)
