"""Host functions that the user of an isolate exposes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from inspect import isawaitable
from typing import Final

from streamstate.isolate.errors import IsolateDisposed
from streamstate.isolate.failures import Failures
from streamstate.isolate.outbox import BIND, FIRST_TICKET, RETURNED, Outbox
from streamstate.isolate.quota import Holdings
from streamstate.isolate.values import Crossing, RangeError, inward, outward


class HostFunctions:
    """Host functions by name. If one raises, the guest gets an error of that name and message.

    If one returns an awaitable, the guest gets a promise: a task awaits it, and settles the
    promise. Promises settle in the order in which such tasks end. It hands to `escape` what is no
    `Exception`.
    """

    def __init__(
        self,
        outbox: Outbox,
        holdings: Holdings,
        failures: Failures,
        escape: Callable[[BaseException], None],
    ) -> None:
        self._outbox: Final = outbox
        self._holdings: Final = holdings
        self._failures: Final = failures
        self._escape: Final = escape
        self._functions: dict[str, Callable[..., object]] = {}
        self._is_over = False

    def bind(self, name: str, function: Callable[..., object]) -> None:
        """Give the guest the function from its next turn on. Raises `TypeError` or `ValueError`."""
        if not callable(function):
            raise TypeError(f"a host function must be callable, not {type(function).__name__}")
        if not str(name).isidentifier() or str(name).startswith("__Stream_"):
            raise ValueError(f"a host function's name must be an identifier, not {name!r}")
        self._functions[name] = function
        self._outbox.add((BIND, 0, (name,)))

    def end(self) -> None:
        """Refuse all calls from now on."""
        self._is_over = True
        self._functions.clear()

    def call(self, name: object, arguments: object) -> Crossing:
        """The guest calls this; it returns what to give back."""
        try:
            if self._is_over:
                raise IsolateDisposed("the isolate was disposed")
            given = inward(arguments)
            assert isinstance(name, str)
            assert isinstance(given, list)
            value = self._functions[name](*given)
            if type(value) in RETURNED or not isawaitable(value):
                return self._outbox.returned(outward(value))
            return FIRST_TICKET - self._wait(value)
        except Exception as error:
            return self._outbox.failed(self._failures.told_and_kept(error))
        except BaseException as error:
            self._escape(error)
            return self._outbox.failed(self._failures.told(error))

    def _wait(self, awaitable: Awaitable[object]) -> int:
        try:
            self._holdings.require_waiting()
        except RangeError:
            _close(awaitable)
            raise
        task = asyncio.ensure_future(_value_of(awaitable))
        ticket = self._outbox.open(task)
        task.add_done_callback(lambda done: self._end(ticket, done, awaitable))
        return ticket

    def _end(
        self, ticket: int, task: asyncio.Future[Crossing], awaitable: Awaitable[object]
    ) -> None:
        if task.cancelled():
            _close(awaitable)
            self._outbox.reject(ticket, RuntimeError("the host cancelled it"))
        elif isinstance(error := task.exception(), Exception):
            self._outbox.reject(ticket, error)
        elif error is None:
            self._outbox.settle(ticket, task.result())
        else:
            self._escape(error)


def _close(awaitable: Awaitable[object]) -> None:
    """Close a coroutine that nobody will await: it would complain."""
    if isinstance(awaitable, Coroutine):
        awaitable.close()


async def _value_of(awaitable: Awaitable[object]) -> Crossing:
    return outward(await awaitable)
