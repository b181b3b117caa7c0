"""What `record` writes down conforms, whatever the service did."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamstate import Dialect, Limits, StreamError, StreamStateRegistry
from streamstate.model import CancelPull, Effect, Op, Seen, lattice
from streamstate.oracle.recordings import FileVerdict, Outcome, check
from streamstate.recording import record
from streamstate.testing.strategies import programs
from tests.service import Service

SMALL = Limits(3, 2)


def verdict(path: Path, dialect: Dialect | None = None) -> FileVerdict:
    with path.open("rb") as file:
        return check(path.name, file, dialect)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def recorded(path: Path, *runs: tuple[Service, Iterable[Op]]) -> FileVerdict:
    """What is said of a recording of these runs, one after another."""
    for service, ops in runs:
        with record(service.registry, path):
            service.do_all(ops)
    return verdict(path)


dialects = st.sampled_from(lattice())


@given(st.data(), dialects)
@settings(max_examples=80)
def test_recordings_of_programs_conform(data: st.DataObject, dialect: Dialect) -> None:
    program = data.draw(programs(dialect=dialect, limits=SMALL, max_ops=60, cancels=True))
    with TemporaryDirectory() as folder:
        said = recorded(Path(folder) / "all.jsonl", (Service(dialect, SMALL), program))
    assert said.outcome is Outcome.CONFORMS, said
    assert said.dialects == (str(dialect),)
    assert said.ops >= sum(not isinstance(op, CancelPull | Seen) for op in program)


@given(st.data(), dialects)
@settings(max_examples=80)
def test_recording_can_begin_in_the_middle(data: st.DataObject, dialect: Dialect) -> None:
    program = data.draw(programs(dialect=dialect, limits=SMALL, max_ops=60, cancels=True))
    at = data.draw(st.integers(0, len(program)))
    service = Service(dialect, SMALL)
    service.do_all(program[:at])
    with TemporaryDirectory() as folder:
        said = recorded(Path(folder) / "rest.jsonl", (service, program[at:]))
    assert said.outcome is Outcome.CONFORMS, said


def test_cancel_of_a_pull_from_before_brings_the_state_along(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    registry = StreamStateRegistry()
    stream = registry.create()
    for chunk in (b"1", b"2", b"3"):
        registry.push(stream, chunk)
    before, also = registry.pull(stream), registry.pull(stream)
    with record(registry, path):
        during = registry.pull(stream)
        before.close()
        also.close()
        during.close()
        registry.get(stream)
    said = verdict(path)
    assert said.outcome is Outcome.CONFORMS
    assert said.remarks == ("not checked: 2 cancels of pulls made before recording 1 began",)
    assert [("state" in line) for line in lines(path)[1:]] == [
        False,
        True,
        True,
        False,
        False,
        False,
    ]
    assert lines(path)[-2]["returned"] == {
        "queue": ["MQ==", "Mg==", "Mw=="],
        "queue_size": 3,
        "closed": False,
        "errored": False,
        "pull_waiting": False,
        "error": None,
    }


async def consume(registry: StreamStateRegistry, stream: int, random: Random) -> None:
    for _ in range(40):
        try:
            match random.randrange(4):
                case 0:
                    async with asyncio.timeout(0):
                        await registry.pull(stream)
                case 1:
                    await asyncio.wait_for(registry.pull(stream), 0)
                case 2:
                    registry.pull(stream)
                case _:
                    await asyncio.create_task(_coroutine(registry.pull(stream)))
        except (TimeoutError, StreamError, ZeroDivisionError):
            await asyncio.sleep(0)


async def produce(registry: StreamStateRegistry, stream: int, random: Random) -> None:
    for _ in range(60):
        registry.push(stream, random.randbytes(random.randrange(3)))
        if random.random() < 0.5:
            await asyncio.sleep(0)
    if random.random() < 0.5:
        registry.error(stream, ZeroDivisionError("by nothing"))
    registry.close(stream)


async def serve(registry: StreamStateRegistry, random: Random) -> None:
    """Three times: consumers and producers of three streams, some of whom are cancelled."""
    for _ in range(3):
        streams = [registry.create() for _ in range(3)]
        works = [work(registry, s, random) for s in streams for work in (consume, produce)]
        tasks = [asyncio.create_task(work) for work in works]
        for _ in range(30):
            await asyncio.sleep(0)
            victim = random.choice(tasks)
            if random.random() < 0.1:
                victim.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        registry.delete(streams[0])
        if random.random() < 0.5:
            registry.clear()


@pytest.mark.parametrize("seed", range(8))
def test_service_with_cancels_and_timeouts(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    registry = StreamStateRegistry(random.choice(lattice()), SMALL, lockstep=True)
    path = tmp_path / "r.jsonl"
    with record(registry, path):
        asyncio.run(serve(registry, random))
    said = verdict(path)
    assert said.outcome is Outcome.CONFORMS, said
    ops = [line["op"][0] for line in lines(path)[1:-1]]  # type: ignore[index]
    assert {"cancel_pull", "seen", "pull", "push"} <= set(ops)


async def _coroutine(pull: object) -> None:
    await pull  # type: ignore[misc]


def test_look_that_another_listener_prevents_is_not_recorded(tmp_path: Path) -> None:
    def refuse_looks(op: Op, _effects: tuple[Effect, ...]) -> None:
        if isinstance(op, Seen):
            raise ZeroDivisionError

    registry = StreamStateRegistry(listener=refuse_looks)
    with record(registry, tmp_path / "r.jsonl"):
        stream = registry.create()
        registry.push(stream, b"a")
        with pytest.raises(ZeroDivisionError):
            registry.pull(stream).send(None)
        registry.get(stream)
    assert verdict(tmp_path / "r.jsonl").outcome is Outcome.CONFORMS
    assert [line["op"] for line in lines(tmp_path / "r.jsonl")[3:5]] == [
        ["pull", 1],
        ["cancel_pull", 1],
    ]


class UnsayableError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def test_what_callers_may_say_is_written_as_the_wire_can_have_it(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    registry = StreamStateRegistry()
    with record(registry, path):
        stream = registry.create()
        for gone in (-1, 2**40):
            assert not registry.push(gone, b"a")
        with pytest.raises(TypeError, match="must be an int"):
            registry.push("one", b"a")  # type: ignore[arg-type]  # which is no op
        assert registry.push(True, b"a")
        assert registry.push(1.0, b"b")  # type: ignore[arg-type]
        assert registry.push(Fraction(1), b"c")  # type: ignore[arg-type]
        registry.error(stream, UnsayableError())
        registry.get(stream)
        registry.pull(stream)
        registry.create()
        registry.error(2, "line\nbreak \u2028 and half a pair \ud800")
        registry.pull(2)
        registry.clear()
    said = verdict(path)
    assert said.outcome is Outcome.CONFORMS, said
    assert "a UnsayableError that cannot be shown" in path.read_text()
