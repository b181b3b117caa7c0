"""Driving an implementation in this process, one op at a time, each once it is quiet.

The driver is woken each time that the loop has nothing left to run (`adapters.quiet`), so that all
that the last op set off has happened by then. Ops are called from a task, as they are in a program
of the user's.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, Final, TypeVar

from streamstate.model import Limits
from streamstate.oracle.adapters.quiet import quiet_loop
from streamstate.testing.convention import Convention
from streamstate.testing.factory import Factory, Maker, name_of, require_registry
from streamstate.testing.session import UNFINISHED, Answer, Session
from streamstate.wire import Turn

_T = TypeVar("_T")


class Driver:
    """An event loop of its own, and fresh registries on it.

    Raises `TypeError` for a factory that is none, or whose registry lacks methods: one registry is
    made to see that. Raises `RuntimeError` inside a running event loop, and whatever the factory
    raises. With `cancels` it offers to cancel the tasks that await pulls.
    """

    def __init__(
        self, factory: Factory, convention: Convention | None = None, *, cancels: bool = False
    ) -> None:
        self._maker: Final = Maker(factory)
        self.convention: Final = Convention() if convention is None else convention
        _refuse_to_nest()
        self._waiter: asyncio.Future[None] | None = None
        self._loop: Final = quiet_loop(self._wake)
        try:
            registry = self.run(self._make(Limits()))
            require_registry(registry, name_of(factory))
        except BaseException:
            self.close()
            raise
        self.name: Final = type(registry).__name__
        offered = {"get"} if self.convention.get and hasattr(registry, "get") else set()
        self.capabilities: Final = frozenset(
            offered
            | ({"limits"} if self._maker.takes_limits else set())
            | ({"cancel"} if cancels else set())
        )

    async def session(self, limits: Limits) -> Session:
        """A fresh registry to do ops on. Raises what the factory raises."""
        return Session(self, await self._make(limits))

    def answers(self, program: Iterable[Turn], limits: Limits) -> list[Answer]:
        """The answers to a whole program on a fresh registry, one for each turn.

        Raises what the factory raises, and nothing for what the registry does.
        """
        return self.run(self._answers(program, limits))

    async def _answers(self, program: Iterable[Turn], limits: Limits) -> list[Answer]:
        session = await self.session(limits)
        answers = await session.do(program)
        await session.end()
        return answers

    async def _make(self, limits: Limits) -> Any:
        made = self._maker(limits)
        if not inspect.isawaitable(made):
            return made
        making = self.spawn(made)
        await self.quiet()
        if not making.done():
            raise RuntimeError(f"the factory did not make a registry: {UNFINISHED}")
        return making.result()

    def run(self, main: Coroutine[Any, Any, _T]) -> _T:
        """Run the loop until `main` is done."""
        return self._loop.run_until_complete(main)

    def spawn(self, awaitable: Awaitable[_T]) -> asyncio.Task[_T]:
        """A task that awaits it."""
        return self._loop.create_task(_awaited(awaitable))

    def awaiting(self, awaitable: Awaitable[_T]) -> asyncio.Future[_T]:
        """What awaits it, as a task of a user's does, or it itself."""
        return asyncio.ensure_future(awaitable, loop=self._loop)

    def quiet(self) -> asyncio.Future[None]:
        """Await it to go on once nothing is ready to run."""
        self._waiter = waiter = self._loop.create_future()
        return waiter

    def _wake(self) -> None:
        if self._waiter is not None:
            waiter, self._waiter = self._waiter, None
            waiter.set_result(None)

    def close(self) -> None:
        """Close the loop."""
        self._loop.close()


def _refuse_to_nest() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError(
        "implementations are driven on an event loop of their own, which cannot run inside"
        " another: call this from a plain function, not from a coroutine"
    )


async def _awaited(awaitable: Awaitable[_T]) -> _T:
    return await awaitable
