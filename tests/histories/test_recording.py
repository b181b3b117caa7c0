"""Histories of the real registry: what eight threads call is written down, and linearizable."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from errno import ENOSPC
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random
from threading import Barrier, Event

import pytest

from streamstate import Chunk, Dialect, Limits, StreamError, StreamStateRegistry
from streamstate.histories import (
    Linearizable,
    RecordedRegistry,
    check,
    read_history,
    record_history,
)
from streamstate.histories.events import PENDING, UNASKED, Call, History
from streamstate.model import Error, Op, Pull

THREADS = 8
CALLS = 120


def recorded(
    path: Path,
    call: Callable[[RecordedRegistry], object],
    registry: StreamStateRegistry | None = None,
) -> History:
    """What a thread, and those that it starts, did while the loop ran."""

    async def run() -> None:
        made = StreamStateRegistry() if registry is None else registry
        with record_history(made.threadsafe(), path) as ops:
            await asyncio.to_thread(call, ops)

    asyncio.run(run())
    with path.open("rb") as file:
        return read_history(file)


def ways_to_act(
    ops: RecordedRegistry, stream: int, chunk: bytes, random: Random
) -> tuple[Callable[[], object], ...]:
    """Each op once, on that stream where it is about one."""
    return (
        lambda: ops.push(stream, chunk),
        lambda: ops.push_soon(stream, chunk),
        lambda: ops.write(stream, chunk, timeout=random.random() / 500),
        lambda: ops.pull(stream, timeout=random.random() / 500),
        lambda: ops.is_queue_full(stream),
        lambda: ops.get(stream),
        lambda: ops.close(stream),
        lambda: ops.error(stream, ValueError("boom")),
        lambda: ops.delete(stream),
        ops.create,
        ops.clear,
    )


def do_anything(ops: RecordedRegistry, name: int) -> None:
    """Ops at random on five numbers, of which streams are made and deleted all the time."""
    random = Random(name)
    for number in range(CALLS):
        ways = ways_to_act(ops, random.randint(1, 5), b"%d %d" % (name, number), random)
        [do] = random.choices(ways, (8, 4, 4, 16, 2, 2, 0.3, 0.3, 0.5, 1, 0.1))
        with suppress(TimeoutError, StreamError, ValueError):
            do()


@pytest.mark.parametrize(
    "dialect", ["reference", "whatwg", "isolate", "plan-01+push_when_full=refuse"]
)
def test_eight_threads_on_the_real_registry_are_linearizable(dialect: str, tmp_path: Path) -> None:
    begin = Barrier(THREADS)

    def start(ops: RecordedRegistry) -> None:
        def together(name: int) -> None:
            begin.wait()  # or a thread that is done early would take the part of another
            do_anything(ops, name)

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(together, range(THREADS)))

    registry = StreamStateRegistry(Dialect.parse(dialect), Limits(40, 6))
    for _ in range(3):
        registry.create()
    history = recorded(tmp_path / "history", start, registry)
    assert len(history.calls) == THREADS * CALLS
    assert len({call.thread for call in history.calls}) == THREADS
    assert any(one.invoked < other.responded for one, other in overlapping(history))
    assert isinstance(check(history), Linearizable)


def overlapping(history: History) -> list[tuple[Call, Call]]:
    calls = sorted(history.calls, key=lambda call: call.invoked)
    return [(later, call) for call, later in pairwise(calls) if later.invoked < call.responded]


def test_each_outcome_is_written_as_it_was(tmp_path: Path) -> None:
    def call(ops: RecordedRegistry) -> None:
        stream = ops.create()
        assert ops.write(stream, b"a")
        ops.push_soon(stream, bytearray(b"b"))
        assert ops.pull(stream) == Chunk(b"a")
        assert ops.writable(stream)
        assert ops.pull(stream) == Chunk(b"b")
        with pytest.raises(TimeoutError):
            ops.pull(stream, timeout=0)
        ops.error(stream, 7)
        with pytest.raises(StreamError):
            ops.pull(stream)
        shown = ops.get(stream)
        assert shown is not None
        assert shown.errored
        with pytest.raises(TypeError):
            ops.delete("1")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            ops.push(stream, "text")  # type: ignore[arg-type]
        ops.clear()
        assert ops.get(stream) is None
        assert ops.is_queue_full(stream)
        assert not ops.push(stream, b"late")

    path = tmp_path / "history"
    history = recorded(path, call)
    assert isinstance(check(history), Linearizable)
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert [(line["op"][0], line.get("answer")) for line in lines] == [
        ("create", 1),
        ("push", True),
        ("push", None),
        ("pull", ["value", "YQ=="]),
        ("pull", ["value", "Yg=="]),
        ("pull", ["cancelled"]),
        ("error", None),
        ("pull", ["error", "7"]),
        ("get", lines[8]["answer"]),
        ("clear", None),
        ("get", None),
        ("is_queue_full", True),
        ("push", False),
    ]
    assert [call.op for call in history.calls if isinstance(call.op, Error)] == [Error(1, "7")]
    assert history.calls[2].outcome is UNASKED


def test_a_call_in_progress_at_the_end_is_pending(tmp_path: Path) -> None:
    path, begun = tmp_path / "history", Event()

    def tell(op: Op, _effects: object) -> None:
        if op == Pull(1):
            begun.set()

    async def run() -> None:
        registry = StreamStateRegistry(
            listener=lambda op, _: begun.set() if op == Pull(1) else None
        )
        stream = registry.create()
        with record_history(registry.threadsafe(), path) as ops:
            waits = asyncio.create_task(asyncio.to_thread(ops.pull, stream))
            await asyncio.to_thread(begun.wait)
        registry.push(stream, b"a")
        assert await waits == Chunk(b"a")

    asyncio.run(run())
    with path.open("rb") as file:
        [call] = read_history(file).calls
    assert (call.op, call.outcome) == (Pull(1), PENDING)


def test_calls_after_the_end_are_not_written(tmp_path: Path) -> None:
    def call(ops: RecordedRegistry) -> None:
        ops.create()
        ops.stop()
        ops.stop()
        ops.create()

    assert len(recorded(tmp_path / "history", call).calls) == 1


def test_a_history_that_is_long_is_written_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "history"

    def call(ops: RecordedRegistry) -> None:
        for _ in range(5_000):
            ops.push_soon(1, b"")
        ops.is_queue_full(1)

    assert len(recorded(path, call).calls) == 5_001


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        recorded(path, lambda ops: ops.create())
    assert path.read_text() == "mine"


def test_a_registry_on_which_a_pull_waits_is_refused(tmp_path: Path) -> None:
    async def run() -> None:
        registry = StreamStateRegistry()
        pull = registry.pull(registry.create())
        with pytest.raises(ValueError, match="a pull waits"):
            record_history(registry.threadsafe(), tmp_path / "history")
        pull.close()

    asyncio.run(run())


def test_a_disk_that_is_full_stops_no_op_and_is_told_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(ops: RecordedRegistry) -> None:
        ops._journal._file.close()
        monkeypatch.setattr(ops._journal, "_file", FullDisk())
        for _ in range(5_000):
            ops.push_soon(1, b"")
        assert ops.is_queue_full(1)

    with pytest.raises(OSError, match="no space"):
        recorded(tmp_path / "history", call)


class FullDisk(BytesIO):
    """It takes nothing."""

    def write(self, _data: object) -> int:
        raise OSError(ENOSPC, "no space")
