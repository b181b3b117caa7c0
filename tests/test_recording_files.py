"""When a recording begins and ends, where it goes, and what becomes of it in trouble."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from streamstate import Dialect, StreamStateRegistry
from streamstate.model import Effect, Op
from streamstate.oracle.recordings import Outcome
from streamstate.recording import record
from tests.test_recording import lines, verdict


def test_recording_stops_and_leaves_the_registry_as_it_was(tmp_path: Path) -> None:
    registry = StreamStateRegistry()
    recording = record(registry, tmp_path / "r.jsonl")
    registry.create()
    recording.stop()
    recording.stop()
    registry.create()
    assert registry._outside.announcer is None
    assert [line.get("op") for line in lines(tmp_path / "r.jsonl")] == [None, ["create"], None]
    assert lines(tmp_path / "r.jsonl")[-1] == {"end": None}


def test_other_listeners_and_recordings_go_on(tmp_path: Path) -> None:
    told: list[Op] = []

    def listener(op: Op, _effects: tuple[Effect, ...]) -> None:
        told.append(op)

    registry = StreamStateRegistry(lockstep=True, listener=listener)
    first = record(registry, tmp_path / "1.jsonl")
    registry.create()
    with record(registry, tmp_path / "2.jsonl"):
        registry.push(1, b"a")
        first.stop()
        registry.push(1, b"b")
    registry.push(1, b"c")
    assert len(told) == 4
    assert verdict(tmp_path / "1.jsonl").ops == 2
    assert verdict(tmp_path / "2.jsonl").ops == 2
    assert {verdict(tmp_path / f"{n}.jsonl").outcome for n in (1, 2)} == {Outcome.CONFORMS}


def test_one_file_takes_one_recording_at_a_time_and_any_number_in_turn(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    registry, other = StreamStateRegistry(), StreamStateRegistry(Dialect.parse("isolate"))
    with record(registry, path):
        for each in (registry, other):
            with pytest.raises(
                OSError, match=r"another recording is being written there.*r\.jsonl"
            ):
                record(each, path)
        registry.create()
        registry.push(1, b"x")
    assert other._outside.announcer is None
    with record(other, path):
        other.create()
    with record(registry, path):
        registry.pull(1).close()
        registry.get(1)
    said = verdict(path)
    assert (said.outcome, said.recordings, said.ops) == (Outcome.CONFORMS, 3, 6)
    assert said.dialects == ("reference", "isolate")


def test_recording_goes_on_behind_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with record(StreamStateRegistry(), path):
        pass
    path.write_bytes(path.read_bytes() + b'{"op":["crea')
    registry = StreamStateRegistry()
    with record(registry, path):
        registry.create()
    said = verdict(path)
    assert (said.outcome, said.recordings, said.ops) == (Outcome.CONFORMS, 2, 1)
    assert said.remarks == ("line 3 is cut off; another recording begins after it",)


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("missing/r.jsonl", "cannot record: No such file or directory"),
        (".", "cannot record: Is a directory"),
        ("letter.txt", "cannot record: the file is there and is no recording"),
    ],
)
def test_file_that_cannot_be_written_is_refused_at_the_start(
    tmp_path: Path, where: str, what: str
) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader\n")
    registry = StreamStateRegistry()
    with pytest.raises(OSError, match=what) as raised:
        record(registry, tmp_path / where)
    assert raised.value.filename == str(tmp_path / where)
    assert registry._outside.announcer is None
    assert (tmp_path / "letter.txt").read_text() == "Dear reader\n"


def test_recording_belongs_to_the_thread_of_the_registry(tmp_path: Path) -> None:
    registry = StreamStateRegistry()
    recording = record(registry, tmp_path / "r.jsonl")  # binds nothing: no op was done
    elsewhere = threading.Thread(target=registry.create)
    elsewhere.start()
    elsewhere.join()
    for call in (recording.stop, lambda: record(registry, tmp_path / "2.jsonl")):
        with pytest.raises(RuntimeError, match=r"this registry belongs to thread \d+"):
            call()
    assert not (tmp_path / "2.jsonl").exists()
    assert [line.get("op") for line in lines(tmp_path / "r.jsonl")] == [None, ["create"]]


def test_full_disk_breaks_the_recording_off_and_not_the_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    resource = pytest.importorskip("resource")

    path = tmp_path / "r.jsonl"
    registry = StreamStateRegistry()
    recording = record(registry, path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        stream = registry.create()
        for _ in range(1_000):
            assert registry.push(stream, bytes(500))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(registry.get(stream).queue) == 1_000  # type: ignore[union-attr]
    assert registry._outside.announcer is None
    assert recording.failure is not None
    assert "too large" in recording.failure
    assert len(caplog.records) == 1
    assert "broke off" in caplog.text
    recording.stop()
    said = verdict(path)
    assert said.outcome is Outcome.CONFORMS
    assert 90 < said.ops < 150
    assert said.remarks == ('recording 1 broke off: "[Errno 27] File too large"',)
    assert "broken off" in repr(recording)


def test_interrupt_in_the_midst_of_a_line_ends_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_value: object) -> bytes:
        raise KeyboardInterrupt

    registry = StreamStateRegistry()
    record(registry, tmp_path / "r.jsonl")
    registry.create()
    with monkeypatch.context() as patched:
        patched.setattr("streamstate.recording.recorder.tame_effects", interrupted)
        with pytest.raises(KeyboardInterrupt):
            registry.push(1, b"a")
    registry.push(1, b"b")
    assert verdict(tmp_path / "r.jsonl").remarks == ('recording 1 broke off: "KeyboardInterrupt"',)
    assert verdict(tmp_path / "r.jsonl").ops == 1


def test_registry_that_goes_ends_its_recording(tmp_path: Path) -> None:
    registry = StreamStateRegistry()
    record(registry, tmp_path / "r.jsonl")
    registry.create()
    gone = weakref.ref(registry)
    del registry
    gc.collect()
    assert gone() is None
    assert [*lines(tmp_path / "r.jsonl")[1:]] == [
        {"op": ["create"], "returned": 1, "settled": []},
        {"end": None},
    ]


def test_interpreter_that_ends_writes_what_was_collected(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    script = (
        "import sys; from streamstate import StreamStateRegistry;"
        "from streamstate.recording import record;"
        "registry = StreamStateRegistry(); record(registry, sys.argv[1]); registry.create()"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert [line.get("end", "no end") for line in lines(path)] == ["no end", "no end", None]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.filterwarnings("ignore:This process")
def test_forked_child_writes_nothing(tmp_path: Path) -> None:
    registry = StreamStateRegistry()
    recording = record(registry, tmp_path / "r.jsonl")
    registry.create()
    child = os.fork()
    if child == 0:
        registry.push(1, b"in the child")
        os._exit(0)
    os.waitpid(child, 0)
    registry.push(1, b"in the parent")
    recording.stop()
    assert verdict(tmp_path / "r.jsonl").ops == 2
    assert "in the child" not in (tmp_path / "r.jsonl").read_text()
