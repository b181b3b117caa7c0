"""A recording that goes on in file after file: each can be checked alone, and all in order."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.model import lattice
from streamstate.oracle.recordings import Outcome
from streamstate.recording import Recording, files, record
from tests.service import Service
from tests.strategies import random_program
from tests.test_recording import lines, recorded, verdict


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("seed", range(6))
def test_every_file_conforms_alone_and_every_op_is_in_one_of_them(
    tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    program = random_program(random, 400)
    service = Service(random.choice(lattice()), Limits(3, 2))
    with record(service.registry, tmp_path / "s.jsonl", max_bytes=4_000):
        service.do_all(program)
    again = Service(service.registry.dialect, Limits(3, 2))
    whole = recorded(tmp_path / "whole.jsonl", (again, program))
    parts = sorted(tmp_path.glob("s.*.jsonl"))
    assert len(parts) > 4
    assert [part.name for part in parts[:2]] == ["s.000001.jsonl", "s.000002.jsonl"]
    said = [verdict(part) for part in parts]
    assert {each.outcome for each in said} == {Outcome.CONFORMS}, said
    assert sum(each.ops for each in said) == whole.ops
    for part in parts:
        assert lines(part)[-1] == {"end": None}
    joined = tmp_path / "joined.jsonl"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert verdict(joined).outcome is Outcome.CONFORMS
    assert verdict(joined).recordings == len(parts)


def test_a_file_ends_with_the_op_that_reaches_the_size(tmp_path: Path) -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    with record(registry, tmp_path / "s.jsonl", max_bytes=1_000) as recording:
        registry.push(stream, bytes(900))
        assert recording.path.name == "s.000002.jsonl"
        registry.push(stream, b"a")
        registry.push(stream, bytes(1_200))
    first, second, _ = (lines(tmp_path / name) for name in names(tmp_path))
    assert [len(first), len(second)] == [3, 4], "there is room for as much as it begins with"
    assert "AAAA" in str(second[0]["state"]), "what is queued is in the state that it begins with"


def test_a_file_ends_once_its_time_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([100.0, 100.0, 159.0, 161.0, 161.0, 220.0, 222.0, 222.0])
    monkeypatch.setattr(files, "monotonic", lambda: next(times))
    registry = StreamStateRegistry()
    with record(registry, tmp_path / "s", max_seconds=60):
        for _ in range(5):
            registry.create()
    assert names(tmp_path) == ["s.000001", "s.000002", "s.000003"]
    assert [len(lines(tmp_path / name)) - 2 for name in names(tmp_path)] == [3, 2, 0]


def test_only_so_many_are_kept_and_a_service_that_starts_again_goes_on_behind_them(
    tmp_path: Path,
) -> None:
    (tmp_path / "s.notes.jsonl").write_text("somebody's own\n")
    for last in (5, 10):
        registry = StreamStateRegistry()
        with record(registry, tmp_path / "s.jsonl", max_bytes=1, keep=2):
            while (tmp_path / f"s.{last:06}.jsonl") not in tmp_path.iterdir():
                registry.create()
                registry.clear()
        kept = [f"s.{last - 1:06}.jsonl", f"s.{last:06}.jsonl"]
        assert names(tmp_path) == [*kept, "s.notes.jsonl"]


def test_a_next_file_that_cannot_be_had_breaks_the_recording_off_and_not_the_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registry = StreamStateRegistry()
    folder = tmp_path / "taken away"
    folder.mkdir()
    recording = record(registry, folder / "s.jsonl", max_bytes=300)
    recording.path.rename(tmp_path / "s.jsonl")
    folder.rmdir()
    for _ in range(9):
        registry.create()
    assert recording.failure is not None
    assert "No such file" in recording.failure
    assert "No such file" in str(lines(tmp_path / "s.jsonl")[-1]["end"])
    assert verdict(tmp_path / "s.jsonl").outcome is Outcome.CONFORMS
    assert "broke off" in caplog.text
    assert registry._outside.announcer is None


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        ({"max_bytes": 0}, "max_bytes must be more than 0, not 0"),
        ({"max_seconds": -1}, "max_seconds must be more than 0, not -1"),
        ({"keep": 2}, "give max_bytes or max_seconds"),
        ({"keep": 0, "max_bytes": 1}, "keep must be more than 0"),
    ],
)
def test_a_limit_that_no_file_could_keep_to_is_refused(
    tmp_path: Path, limits: dict[str, int], what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        record(StreamStateRegistry(), tmp_path / "s", **limits)
    assert names(tmp_path) == []


def test_a_live_service_is_recorded_from_now_on_and_no_longer(tmp_path: Path) -> None:
    """Tasks write and read all the while, in a registry with lockstep, and none is told."""
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=2), lockstep=True)

    async def serve() -> int:
        read, recordings = 0, list[Recording]()
        async with registry.stream() as stream, asyncio.TaskGroup() as group:
            writing = group.create_task(write(stream))
            async with registry.reader(stream) as chunks:
                async for _ in chunks:
                    read += 1
                    if read == 100:
                        recordings.append(record(registry, tmp_path / "s.jsonl", max_bytes=3_000))
                    if read == 400:
                        recordings[0].stop()
            await writing
        return read

    async def write(stream: int) -> None:
        async with registry.writer(stream) as push:
            for number in range(500):
                await push(b"%d" % number)

    assert asyncio.run(serve()) == 500
    said = [verdict(each) for each in sorted(tmp_path.iterdir())]
    assert {each.outcome for each in said} == {Outcome.CONFORMS}, said
    assert len(said) > 5
    assert sum(each.ops for each in said) > 3 * 299
