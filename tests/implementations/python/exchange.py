"""Protocol 1 on stdin and stdout, for a library's streams on whatever event loop it needs."""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from tests.implementations.python.streams import (
    MAX_QUEUE_CHUNKS,
    NO_BYTES,
    Stream,
    Table,
    lacks,
    sends,
)

Work = Callable[[], Awaitable[None]]


class Runtime(Protocol):
    """The event loop that a library lives on. A pull is a task of it, known by its number."""

    def start(self, pull: int, work: Work) -> None: ...
    def cancel(self, pull: int) -> None: ...
    def cancel_all(self) -> None: ...
    async def quiet(self) -> None:
        """Return once no task can go on."""

    def woken(self, pull: int) -> int:
        """A number that grows with the moment at which the pull's task was last woken."""


@dataclass(frozen=True, slots=True)
class Library:
    """Whose streams are tested. `version` is the one that runs, `chunks` from how many on a stream
    is full that counts no bytes, None where the usual limits hold."""

    name: str
    version: str
    factory: type[Stream]
    chunks: int | None = MAX_QUEUE_CHUNKS


async def serve(library: Library, runtime: Runtime) -> None:
    """Answer lines until `stop` or the end of the input. Nothing happens while it reads."""
    for message in _messages():
        match message:
            case {"cmd": "start"}:
                _answer(_hello(library))
            case {"cmd": "run", "seq": seq, "program": program}:
                run = _Run(library, runtime)
                try:
                    _answer({"seq": seq, **await run.through(program)})
                except Exception as error:
                    _answer({"seq": seq, "failed": repr(error)})
                finally:
                    runtime.cancel_all()
                    await runtime.quiet()
            case _:
                return


def _messages() -> Iterator[Any]:
    for line in sys.stdin.buffer:
        yield json.loads(line)


def _answer(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, separators=(",", ":"), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _hello(library: Library) -> dict[str, Any]:
    language = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    who = {"name": library.name, "version": library.version, "language": language}
    offers = ["cancel", *["cancel_push"] * sends(library.factory)]
    hello = {"protocol": 1, "implementation": who, "capabilities": offers, "settle": "exact"}
    hello["lacks"] = lacks(library.factory)
    if library.chunks is not None:
        hello["limits"] = {"high_water_mark": NO_BYTES, "max_queue_chunks": library.chunks}
    return hello


@dataclass
class Send:
    """A push that may wait, the task of that number; `number` once it does wait; `how` it ended."""

    task: int
    number: int = 0
    how: list[str] = field(default_factory=list)


class _Run:
    """One program on a new table."""

    def __init__(self, library: Library, runtime: Runtime) -> None:
        self._library: Final = library
        self._sends: Final[list[Send]] = []
        """Pushes that have not returned, and those that wait, which have a number."""
        self._waits = 0
        self._runtime: Final = runtime
        self._table: Final = Table(library.factory)
        self._settled: Final[list[list[Any]]] = []
        self._pulls = 0

    async def through(self, program: list[Any]) -> dict[str, Any]:
        """Every op, each once the one before has had all its effects."""
        trace = []
        for op in program:
            returned = self._do(op)
            settled = await self._settlements()
            trace.append([self._returned(returned), settled])
        return {"trace": trace, "late": await self._settlements()}

    async def _settlements(self) -> list[list[Any]]:
        await self._runtime.quiet()
        settled = sorted(self._settled, key=lambda entry: self._runtime.woken(entry[0]))
        self._settled.clear()
        ended = [send for send in self._sends if send.number and send.how]
        ended.sort(key=lambda send: self._runtime.woken(send.task))
        for send in ended:
            self._sends.remove(send)
        return [*settled, *(["push", send.number, *send.how] for send in ended)]

    def _returned(self, returned: Any) -> Any:
        """What was returned once all is quiet: a push that was not done waits."""
        if isinstance(returned, list):
            return [self._returned(each) for each in returned]
        if not isinstance(returned, Send):
            return returned
        if returned.how:
            self._sends.remove(returned)
            return returned.how == ["accepted"]
        self._waits += 1
        returned.number = self._waits
        return None

    def _do(self, op: list[Any]) -> Any:
        match op:
            case ["create"]:
                return self._table.create()
            case ["clear"]:
                return self._table.clear()
            case ["delete", number]:
                return self._table.delete(number)
            case ["cancel_pull", pull]:
                return self._runtime.cancel(pull)
            case ["cancel_push", push]:
                return self._give_up(push)
            case ["together", *ops]:
                return [self._do(each) for each in ops]
            case ["push" | "pull" | "close" | "error" | "is_queue_full" as name, number, *rest]:
                try:
                    return self._do_on(name, self._table.find(number), *rest)
                except Exception as error:
                    return {"threw": repr(error)}
            case _:
                raise ValueError(f"unknown op {op[0]}")

    def _do_on(self, name: str, stream: Stream | None, value: str = "") -> Any:
        """The op on the stream, or, where there is none, what a table without it answers."""
        match name:
            case "push" if stream is not None and sends(type(stream)):
                return self._send(stream, b64decode(value))
            case "push":
                return stream is not None and stream.push(b64decode(value))
            case "pull":
                return self._pull(stream)
            case "is_queue_full":
                return stream is None or stream.is_full()
            case "close" if stream is not None:
                return stream.close()
            case "error" if stream is not None:
                return stream.error(Exception(value))
            case _:
                return None

    def _send(self, stream: Stream, chunk: bytes) -> Send:
        send = Send(-1 - len(self._sends) - self._waits)
        self._sends.append(send)

        async def watched() -> None:
            try:
                accepted = await stream.send(chunk)
            except Exception as error:
                send.how = ["turned_away", str(error)]
                return
            send.how = ["accepted"] if accepted else ["turned_away", ""]

        self._runtime.start(send.task, watched)
        return send

    def _give_up(self, push: int) -> bool:
        """Whether it waits: what a cancel does that comes with something else is no question."""
        send = next((each for each in self._sends if each.number == push), None)
        if send is None:
            return False
        self._sends.remove(send)
        self._runtime.cancel(send.task)
        return True

    def _pull(self, stream: Stream | None) -> None:
        self._pulls += 1
        number = self._pulls

        async def watched() -> None:
            try:
                chunk = None if stream is None else await stream.pull()
            except Exception as error:
                self._settled.append([number, "error", str(error)])
                return
            outcome = ["done"] if chunk is None else ["value", b64encode(chunk).decode()]
            self._settled.append([number, *outcome])

        self._runtime.start(number, watched)
