"""Recordings of broken registries are refused, those of sound ones are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from streamstate import Dialect, Limits
from streamstate.model import (
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Seen,
    lattice,
)
from streamstate.oracle.recordings import Outcome
from streamstate.recording import record
from streamstate.registry import situations as compiling
from tests.broken.shells import LOOP_FAULTS, SHELL_FAULTS, ShellFault
from tests.broken.step_fault import StepFault
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS, TableFault, planting
from tests.oracle.recorded import checked
from tests.service import Service

SMALL = Limits(3, 2)


@pytest.fixture
def _compiled_anew() -> Iterator[None]:
    compiling.situations.cache_clear()
    yield
    compiling.situations.cache_clear()


NOT_IN_A_RECORDING = {
    "delete_only_closes": "it tells of a close, which is what it did",
    "delete_closes_first": "it tells of a close, and then of a delete",
    "clear_forgets_the_newest": "it tells of deletes, which are what it did",
    "clear_closes_first": "it tells of closes, and then of a clear",
    "unblocked_is_not_told": "a recording has no writers",
    "blocked_writers_are_forgotten": "a recording has no writers",
    "awaiter_is_not_woken": "the pull settled; that its task sleeps on shows nowhere",
    "drop_is_not_noticed": "a pull that nobody gave up may as well be held",
    "cancel_does_nothing": "a cancel that the registry does not see is none",
    "cancel_swallows_the_chunk": "a cancel that the registry does not see is none",
}


def recording_of(path: Path, dialect: Dialect, seed: int) -> None:
    """Random ops on what may be a broken registry, each with a look at its stream, until it falls
    over: then there is no answer to record."""
    random = Random(seed)
    service = Service(dialect, SMALL)
    with record(service.registry, path):
        try:
            for _ in range(300):
                service.do_all(some_ops(random, service, eager=seed % 2 == 1))
        except (AssertionError, AttributeError, IndexError, KeyError, TypeError):
            service.pulls.clear()
        service.registry._outside.dropped.clear()


def some_ops(random: Random, service: Service, *, eager: bool) -> tuple[Op, ...]:
    """An op with a look at its stream; more pulls than pushes or, not `eager`, the reverse."""
    alive = list(service.registry._streams)[-2:]
    stream = random.choice(alive) if alive and random.random() < 0.9 else random.randrange(1, 9)
    pull = random.choice([*service.pulls, 1][-5:])
    push, pulling = Push(stream, random.choice((b"a", b"bb", b"bbb", b"c"))), Pull(stream)
    close, error = Close(stream), Error(stream, random.choice("xyz"))
    rare = (close, close, error, error, error, Delete(stream), Clear())
    often = (*(push, pulling) * 2, *(pulling if eager else push,) * 2, IsQueueFull(stream))
    on_pulls = (CancelPull(pull), CancelPull(pull), Seen(pull))
    kind = random.choices((rare, often, on_pulls, (Create(),)), (15, 52, 26, 7))[0]
    return (random.choice(kind), Get(stream))


@pytest.mark.needs_pure
@pytest.mark.parametrize(
    "fault",
    [*TABLE_FAULTS, *STEP_FAULTS, *SHELL_FAULTS, *LOOP_FAULTS],
    ids=lambda fault: fault.name,
)
@pytest.mark.usefixtures("_compiled_anew")
def test_recording_of_a_broken_registry_is_refused(
    fault: TableFault | StepFault | ShellFault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch = planting(fault) if isinstance(fault, TableFault) else fault.patch
    patch(monkeypatch)
    dialect = Dialect.parse(fault.dialect)
    caught = any(refused(tmp_path, dialect, seed) for seed in range(6))
    assert caught is (fault.name not in NOT_IN_A_RECORDING)


def refused(folder: Path, dialect: Dialect, seed: int) -> bool:
    path = folder / f"{seed}.jsonl"
    recording_of(path, dialect, seed)
    return checked(path.read_bytes()).outcome is Outcome.DEVIATES


@pytest.mark.parametrize("dialect", lattice()[::7], ids=str)
def test_recording_of_a_sound_registry_is_not_refused(dialect: Dialect, tmp_path: Path) -> None:
    assert not refused(tmp_path, dialect, 0)
