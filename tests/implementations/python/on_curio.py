"""curio, whose kernel runs for one op after the other: between them all tasks stand still."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from tests.implementations.python.exchange import Library, Work, serve

curio: Final[Any] = import_module("curio")  # which not everybody has
kernel: Final[Any] = import_module("curio.kernel")


class _Runs(kernel.Activation):  # type: ignore[misc]  # of a library without types
    """Counts how often a task went on."""

    def __init__(self) -> None:
        self.count = 0

    def running(self, _task: object) -> None:
        self.count += 1


_RUNS: Final = _Runs()
_KERNEL: Final = kernel.Kernel(activations=[_RUNS])


def now(function: Any, *arguments: Any) -> Any:
    """What the coroutine function returns, as a task of its own that has not to wait."""
    return _KERNEL.run(function, *arguments)


class CurioRuntime:
    """A task for each pull."""

    def __init__(self) -> None:
        self._tasks: Final[dict[int, Any]] = {}

    def start(self, pull: int, work: Work) -> None:
        async def all_of_it() -> None:
            await work()

        async def spawned() -> Any:
            return await curio.spawn(all_of_it, daemon=True)

        self._tasks[pull] = now(spawned)

    def cancel(self, pull: int) -> None:
        async def cancelled() -> None:
            await self._tasks[pull].cancel(blocking=False)

        now(cancelled)

    def cancel_all(self) -> None:
        for pull in self._tasks:
            self.cancel(pull)
        self._tasks.clear()

    async def quiet(self) -> None:
        now(_until_alone)

    def woken(self, pull: int) -> int:  # noqa: ARG002  # what was first is listed first already
        return 0


async def _until_alone() -> None:
    """Return once nobody else went on while this task let all others go first, twice."""
    alone = 0
    while alone < 2:
        before = _RUNS.count
        await curio.sleep(0)
        alone = alone + 1 if _RUNS.count == before + 1 else 0


def run(library: Library) -> None:
    """Serve until the end."""
    with _KERNEL:
        try:
            serve(library, CurioRuntime()).send(None)
        except StopIteration:
            return
    raise RuntimeError("it waits for something else than curio")
