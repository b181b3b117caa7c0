"""One interface to all engines. It runs where they are installed, and imports nothing of ours.

Whatever an engine does by itself is left as it is: an adapter translates calls and nothing else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias

HostFunction: TypeAlias = Callable[..., Any]

MEMORY_LIMIT: Final = 16 * 2**20
"""Bytes, for an engine that can be given a limit."""


class Engine(Protocol):
    """A JavaScript engine with one global object, made by calling its class."""

    awaits: bool
    """Whether a host function may be asynchronous, and is a promise for the guest."""

    limited: bool
    """Whether it was given the limit."""

    async def bind(self, name: str, function: HostFunction) -> None:
        """Make a function of the host a global of the guest."""

    async def evaluate(self, script: str) -> Any:
        """The value of a script, as the engine gives it."""

    async def settled(self, script: str) -> Any:
        """What the promise is settled with that is the value of the script."""

    async def close(self) -> None:
        """Dispose of the engine."""


class Jsbox:
    awaits, limited = True, True

    def __init__(self) -> None:
        self._runtime = import_module("jsbox").Runtime(memory_limit=MEMORY_LIMIT)

    async def bind(self, name: str, function: HostFunction) -> None:
        self._runtime.bind_function(name, function)

    async def evaluate(self, script: str) -> Any:
        return self._runtime.eval(script)

    async def settled(self, script: str) -> Any:
        return await self._runtime.eval_async(script)

    async def close(self) -> None:
        del self._runtime  # there is no other way


class Jsrun:
    awaits, limited = True, True

    def __init__(self) -> None:
        jsrun = import_module("jsrun")
        self._runtime = jsrun.Runtime(jsrun.RuntimeConfig(max_heap_size=MEMORY_LIMIT))

    async def bind(self, name: str, function: HostFunction) -> None:
        self._runtime.bind_function(name, function)

    async def evaluate(self, script: str) -> Any:
        return self._runtime.eval(script)

    async def settled(self, script: str) -> Any:
        return await self._runtime.eval_async(script)

    async def close(self) -> None:
        self._runtime.close()


class MiniRacer:
    """All of its host functions are asynchronous."""

    awaits, limited = True, True

    def __init__(self) -> None:
        self._engine = import_module("py_mini_racer").MiniRacer()
        self._engine.set_hard_memory_limit(MEMORY_LIMIT)
        self._engine.eval("globalThis.put = (name, value) => { globalThis[name] = value }")
        self._functions = AsyncExitStack()

    async def bind(self, name: str, function: HostFunction) -> None:
        async def called(*arguments: Any) -> Any:
            result = function(*arguments)
            return await result if isinstance(result, Awaitable) else result

        wrapped = self._engine.wrap_py_function(called)
        put = self._engine.eval("put")
        put(name, await self._functions.enter_async_context(wrapped))

    async def evaluate(self, script: str) -> Any:
        return self._engine.eval(script)

    async def settled(self, script: str) -> Any:
        return await self._engine.eval(script)

    async def close(self) -> None:
        await self._functions.aclose()
        self._engine.close()


class QuickjsNg:
    awaits, limited = False, True

    def __init__(self) -> None:
        self._context = import_module("quickjs").Context()
        self._context.set_memory_limit(MEMORY_LIMIT)

    async def bind(self, name: str, function: HostFunction) -> None:
        self._context.add_callable(name, function)

    async def evaluate(self, script: str) -> Any:
        return self._context.eval(script)

    async def settled(self, script: str) -> Any:
        raise NotImplementedError

    async def close(self) -> None:
        del self._context  # there is no other way


class PythonMonkey:
    """One engine for each process, which ends with it."""

    awaits, limited = True, False

    def __init__(self) -> None:
        self._engine = import_module("pythonmonkey")

    async def bind(self, name: str, function: HostFunction) -> None:
        self._engine.eval("(name, value) => { globalThis[name] = value }")(name, function)

    async def evaluate(self, script: str) -> Any:
        return self._engine.eval(script)

    async def settled(self, script: str) -> Any:
        return await self._engine.eval(script)

    async def close(self) -> None:
        raise NotImplementedError


class Stpyv8:
    """An isolate of its own for each; contexts of one isolate share a heap."""

    awaits, limited = False, False

    def __init__(self) -> None:
        stpyv8 = import_module("STPyV8")
        self._isolate = stpyv8.JSIsolate()
        self._isolate.enter()
        self._host = stpyv8.JSClass()
        self._context = stpyv8.JSContext(self._host)
        self._context.enter()

    async def bind(self, name: str, function: HostFunction) -> None:
        setattr(self._host, name, function)

    async def evaluate(self, script: str) -> Any:
        return self._context.eval(script)

    async def settled(self, script: str) -> Any:
        raise NotImplementedError

    async def close(self) -> None:
        self._context.leave()
        del self._context
        self._isolate.leave()
        del self._isolate


class QuickjsRs:
    awaits, limited = True, True

    def __init__(self) -> None:
        self._runtime = import_module("quickjs_rs").Runtime(memory_limit=MEMORY_LIMIT)
        self._context = self._runtime.new_context()

    async def bind(self, name: str, function: HostFunction) -> None:
        self._context.register(name, function)

    async def evaluate(self, script: str) -> Any:
        return self._context.eval(script)

    async def settled(self, script: str) -> Any:
        return await self._context.eval_async(f"await {script}")

    async def close(self) -> None:
        self._context.close()
        self._runtime.close()


ENGINES: Final[Mapping[str, Callable[[], Engine]]] = MappingProxyType(
    {
        "jsbox": Jsbox,
        "quickjs-rs": QuickjsRs,
        "quickjs-ng": QuickjsNg,
        "jsrun": Jsrun,
        "mini-racer": MiniRacer,
        "stpyv8": Stpyv8,
        "pythonmonkey": PythonMonkey,
    }
)
"""By the names of their packages."""
