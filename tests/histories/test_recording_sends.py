"""Histories of sends that wait on the real registry."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from threading import Barrier, Event

import pytest

from streamstate import (
    Chunk,
    Dialect,
    Limits,
    StreamClosed,
    StreamDeleted,
    StreamError,
    StreamStateRegistry,
)
from streamstate.histories import (
    Answered,
    Linearizable,
    NotLinearizable,
    RecordedRegistry,
    check,
)
from streamstate.histories.events import History
from streamstate.model import Push
from streamstate.registry import Listener
from streamstate.registry.errors import PushMustWait
from tests.broken.shells import ShellFault
from tests.broken.waits import WAIT_SHELL_FAULTS
from tests.histories.test_recording import CALLS, THREADS, recorded


def of_one_chunk(
    dialect: str = "reference", listener: Listener | None = None
) -> StreamStateRegistry:
    """A registry in which pushes wait as soon as one chunk is queued."""
    field = "" if "push_when_full" in dialect else "+push_when_full=wait"
    parsed = Dialect.parse(f"{dialect}{field}")
    return StreamStateRegistry(parsed, Limits(max_queue_chunks=1), listener=listener)


def act(ops: RecordedRegistry, name: int) -> None:
    """Sends and pulls at random on three streams, which are ended and made anew at times."""
    random = Random(name)
    for number in range(CALLS):
        stream, chunk = random.randint(1, 3), b"%d %d" % (name, number)
        ways: tuple[Callable[[], object], ...] = (
            partial(ops.send, stream, chunk, timeout=random.random() / 200),
            partial(ops.pull, stream, timeout=random.random() / 200),
            partial(ops.push, stream, chunk),
            partial(ops.get, stream),
            partial(ops.close, stream),
            partial(ops.error, stream, ValueError("boom")),
            partial(ops.delete, stream),
            ops.create,
        )
        [do] = random.choices(ways, (16, 16, 2, 1, 0.1, 0.1, 0.1, 0.3))
        with suppress(TimeoutError, StreamError, ValueError, PushMustWait):
            do()


@pytest.mark.parametrize(
    "dialect",
    ["reference", "whatwg", "isolate", "reference+push_when_full=wait_through_close"],
)
def test_sends_of_eight_threads_are_linearizable(dialect: str, tmp_path: Path) -> None:
    begin = Barrier(THREADS)

    def together(ops: RecordedRegistry, name: int) -> None:
        begin.wait()
        act(ops, name)

    def start(ops: RecordedRegistry) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(partial(together, ops), range(THREADS)))

    registry = of_one_chunk(dialect)
    for _ in range(3):
        registry.create()
    history = recorded(tmp_path / "history", start, registry)
    assert isinstance(check(history), Linearizable)


def with_a_send_that_waits(path: Path) -> History:
    """Two sends wait; one is given up, and a pull lets the other in; then all is pulled."""
    begun = {chunk: Event() for chunk in (b"given up", b"let in")}

    def begin(op: object, _effects: object) -> None:
        if isinstance(op, Push) and op.chunk in begun:
            begun[op.chunk].set()

    def call(ops: RecordedRegistry) -> None:
        ops.create()
        assert ops.send(1, b"first")
        while not begun[b"given up"].is_set():
            with suppress(TimeoutError):
                ops.send(1, b"given up", timeout=0.02)
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(ops.send, 1, b"let in")
            assert begun[b"let in"].wait(60)
            while not sent.done():
                with suppress(TimeoutError):
                    ops.pull(1, timeout=0.02)
        ops.close(1)
        while isinstance(ops.pull(1), Chunk):
            pass

    return recorded(path, call, of_one_chunk(listener=begin))


def test_a_send_that_is_given_up_and_one_that_is_let_in_are_linearizable(tmp_path: Path) -> None:
    assert isinstance(check(with_a_send_that_waits(tmp_path / "history")), Linearizable)


SEEN_BY_CALLERS = {"accepted_push_is_doubled", "chunk_of_a_cancelled_push_is_sent"}
"""Of the faults of sends. In which order sends are accepted that wait at one time, nobody sees."""


@pytest.mark.needs_pure
@pytest.mark.parametrize(
    "fault",
    [fault for fault in WAIT_SHELL_FAULTS if fault.name in SEEN_BY_CALLERS],
    ids=lambda fault: fault.name,
)
def test_a_history_of_a_broken_registry_is_not(
    fault: ShellFault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patches:
        fault.patch(patches)
        history = with_a_send_that_waits(tmp_path / "history")
    assert isinstance(check(history), NotLinearizable)


def test_each_outcome_of_a_send_is_written_as_it_was(tmp_path: Path) -> None:
    def call(ops: RecordedRegistry) -> None:
        ops.create()
        assert ops.send(1, bytearray(b"a"))
        with pytest.raises(TimeoutError):
            ops.send(1, b"b", timeout=0)
        with pytest.raises(PushMustWait):
            ops.push(1, b"c")
        with pytest.raises(RuntimeError, match="a history needs send"):
            ops.push_soon(1, b"d")
        with pytest.raises(TypeError):
            ops.send("1", b"e")  # type: ignore[arg-type]
        assert ops.pull(1) == Chunk(b"a")
        ops.close(1)
        assert not ops.send(1, b"f")

    path = tmp_path / "history"
    history = recorded(path, call, of_one_chunk())
    assert isinstance(check(history), Linearizable)
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    assert [(line["op"][0], line.get("answer")) for line in lines] == [
        ("create", 1),
        ("push", True),
        ("push", ["cancelled"]),
        ("pull", ["value", "YQ=="]),
        ("close", None),
        ("push", False),
    ]


ENDS: dict[str, tuple[Callable[[RecordedRegistry], None], type[Exception]]] = {
    "Stream closed": (lambda ops: ops.close(1), StreamClosed),
    "boom": (lambda ops: ops.error(1, ValueError("boom")), ValueError),
    "Stream deleted": (lambda ops: ops.delete(1), StreamDeleted),
}


@pytest.mark.parametrize("message", ENDS)
def test_with_what_a_send_was_turned_away_is_written(message: str, tmp_path: Path) -> None:
    end, raised = ENDS[message]
    begun = Event()

    def call(ops: RecordedRegistry) -> None:
        ops.create()
        assert ops.send(1, b"a")
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(ops.send, 1, b"b")
            assert begun.wait(60)
            end(ops)
            with pytest.raises(raised):
                sent.result(60)

    registry = of_one_chunk(listener=lambda op, _: begun.set() if op == Push(1, b"b") else None)
    history = recorded(tmp_path / "history", call, registry)
    assert isinstance(check(history), Linearizable)
    [turned_away] = [one.outcome for one in history.calls if one.op == Push(1, b"b")]
    assert turned_away == Answered(["turned_away", message])


def test_a_registry_on_which_a_push_waits_is_refused(tmp_path: Path) -> None:
    def refuse(ops: RecordedRegistry) -> None:
        pytest.fail(f"it began: {ops}")

    registry = of_one_chunk()
    stream = registry.create()
    registry.push(stream, b"a")
    waits = registry.send(stream, b"b")
    with pytest.raises(ValueError, match="a push waits in the state"):
        recorded(tmp_path / "history", refuse, registry)
    assert waits.cancel()
