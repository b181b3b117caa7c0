"""The registry under test, which is the user's, and the factory that makes a fresh one."""

from __future__ import annotations

import concurrent.futures
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from streamstate.model import Limits

_T = TypeVar("_T")

Eventually: TypeAlias = _T | Awaitable[_T]
"""From a plain method or from an `async def` one."""

Pulled: TypeAlias = Awaitable[Any] | concurrent.futures.Future[Any]
"""The result of `pull`: a coroutine, a future, a task, anything awaitable."""


class StreamRegistry(Protocol):
    """A registry to test. It has these methods, plain or `async def`, and may have `get`.

    Streams have the numbers 1, 2, 3 …. A pull takes effect when it is called. `get` returns None
    for an unknown stream, else an object (or a mapping) with any of `queue`, `queue_size`,
    `closed`, `errored`, `pull_waiting` and `error_value`; the test compares those that it has.
    """

    def create(self) -> Eventually[int]: ...
    def push(self, stream: int, chunk: bytes, /) -> Eventually[bool]: ...
    def pull(self, stream: int, /) -> Pulled: ...
    def close(self, stream: int, /) -> Eventually[object]: ...
    def error(self, stream: int, error_value: Any, /) -> Eventually[object]: ...
    def is_queue_full(self, stream: int, /) -> Eventually[bool]: ...
    def delete(self, stream: int, /) -> Eventually[object]: ...
    def clear(self) -> Eventually[object]: ...  # what returns nothing is held to that, too


Factory: TypeAlias = Callable[..., Eventually[StreamRegistry]]
"""Makes a fresh registry. A test passes it `limits=Limits(…)` if it has a parameter of that name,
`high_water_mark=…, max_queue_chunks=…` if it has both of these, else nothing."""

METHODS: Final = (
    *("create", "push", "pull", "close", "error", "is_queue_full", "delete", "clear"),
)

_KEYWORD: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_VARIADIC: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_IN_ONE: Final = frozenset({"limits"})
_APART: Final = frozenset({"high_water_mark", "max_queue_chunks"})


class Maker:
    """Calls a factory with the arguments that it takes.

    Raises `TypeError` for something that is not a factory: it is not callable, or it has parameters
    without defaults other than those for limits.
    """

    def __init__(self, factory: Factory) -> None:
        if not callable(factory):
            raise TypeError(f"the factory must be callable, not {factory!r}")
        self._factory: Final = factory
        parameters = _parameters(factory)
        names = {each.name for each in parameters if each.kind in _KEYWORD}
        self._wanted: Final = next((want for want in (_IN_ONE, _APART) if want <= names), None)
        known = self._wanted or frozenset()
        for each in parameters:
            needed = each.default is each.empty and each.kind not in _VARIADIC
            if needed and each.name not in known:
                raise TypeError(
                    f"the factory {name_of(factory)} needs an argument {each.name!r}; it is called"
                    " with nothing, or with limits where it has a parameter for them"
                )

    @property
    def takes_limits(self) -> bool:
        """Whether the factory takes limits."""
        return self._wanted is not None

    def __call__(self, limits: Limits) -> object:
        """Call the factory, with those limits if it takes any; return its result."""
        if self._wanted is _IN_ONE:
            return self._factory(limits=limits)
        if self._wanted is _APART:
            return self._factory(
                high_water_mark=limits.high_water_mark, max_queue_chunks=limits.max_queue_chunks
            )
        return self._factory()


def _parameters(factory: Factory) -> tuple[inspect.Parameter, ...]:
    try:
        return tuple(inspect.signature(factory).parameters.values())
    except ValueError:  # some things written in C do not say
        return ()


def name_of(factory: object) -> str:
    """A factory's own name, for a message."""
    return getattr(factory, "__qualname__", None) or repr(factory)


def require_registry(made: object, factory: str) -> None:
    """Raise `TypeError` naming the methods that are missing, if `made` is no registry."""
    missing = [name for name in METHODS if not callable(getattr(made, name, None))]
    if missing:
        raise TypeError(
            f"{factory} made a {type(made).__name__} without {', '.join(missing)};"
            f" a registry has the methods {', '.join(METHODS)}"
        )
