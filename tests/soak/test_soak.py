"""A run finds each fault that was planted and names it, and nothing in the sound registry."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from weakref import ref

import pytest

from streamstate import StreamStateRegistry
from streamstate.registry import lifeline
from tests.broken.shells import LOOP_FAULTS, SHELL_FAULTS
from tests.soak.mixed import in_threads
from tests.soak.plants import PLANTS
from tests.soak.running import LOADS, Factory, Soak, loops
from tests.soak.world import Load
from tests.thorough import one_in

ROUNDS_FOR_LEVELS = 20

SAYS = {
    "leak": "leak of objects",
    "leak of bytes": "leak of resident bytes",
    "lost chunk": "chunks lost or out of order",
    "unretrieved exception": "exception was never retrieved",
    "task left": "a task is left",
    "thread left": "threads are left",
    "endless wait": "loads did not end",
}


def rounds(number: int) -> Callable[[], bool]:
    left = iter(range(number))
    return lambda: next(left, None) is not None


def found(
    make: Factory, *, loads: Mapping[Load, int] = LOADS, at_once: int = 4, patience: float = 60
) -> str:
    """What a short run of one registry finds amiss."""
    soak = Soak(
        1,
        make,
        kinds=["asyncio"],
        dialects=["reference"],
        loads=loads,
        at_once=at_once,
        patience=patience,
    )
    soak.run(rounds(ROUNDS_FOR_LEVELS))
    return "\n".join(soak.troubles.found)


def found_alone(make: Factory, *, patience: float = 60) -> str:
    """The same in a process of its own, after a run of the sound registry, which imports all. In a
    process that ran other tests what is kept may find room in what they gave back, and then nothing
    grows."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        alone.submit(found, StreamStateRegistry).result()
        return alone.submit(found, make, patience=patience).result()


def test_the_sound_registry_on_every_loop_and_everything_happens() -> None:
    soak = Soak(1)
    soak.run(rounds(2))
    assert soak.troubles.found == []
    assert soak.laps == 2 * 5 * len(loops())
    assert len(soak.ops) == 11, "every op is done"
    happens = {
        "CancelledError",
        "PullRefused",
        "PullSuperseded",
        "StreamDeleted",
        "StreamErrored",
        "TimeoutError",
        "Upset",
        "WriterStopped",
        "cancelled",
        "ended",
        "gave up",
        "threads",
        "timed out",
    }
    assert set(soak.happened) == happens


def test_the_sound_registry_holds_its_levels() -> None:
    assert found_alone(StreamStateRegistry) == ""


@pytest.mark.parametrize("name", one_in(2, PLANTS))
def test_a_planted_fault_is_found_and_named(name: str) -> None:
    assert SAYS[name] in found_alone(PLANTS[name], patience=2 if name == "endless wait" else 60)


@pytest.mark.needs_pure
@pytest.mark.filterwarnings("ignore")  # what a broken registry leaves behind
@pytest.mark.parametrize(
    ("name", "says"),
    one_in(
        2,
        [
            ("size_misses_a_pull", "LockstepError"),
            ("cancel_swallows_the_chunk", r"chunks lost or out of order|left: Stats\("),
        ],
    ),
)
def test_a_registry_that_acts_wrongly_is_found(
    name: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [fault] = [each for each in (*SHELL_FAULTS, *LOOP_FAULTS) if each.name == name]
    fault.patch(monkeypatch)
    assert re.search(says, found(StreamStateRegistry))


async def ended_by_a_weak_reference(_told: object, number: int) -> AsyncGenerator[None, None]:
    timer = ref(lifeline._TIMERS[number])
    try:
        yield
    finally:
        handle = timer()  # cleared by the collector, where it finds this generator in a cycle
        if handle is not None:
            handle.cancel()


def test_the_leak_that_a_run_found_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifeline, "_until_shutdown", ended_by_a_weak_reference)
    assert "leak of objects" in found(StreamStateRegistry, loads={in_threads: 1}, at_once=10)


def test_the_command_tells_what_it_found_and_fails() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--minutes", "1", "--plant", "lost chunk"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert re.search("amiss: .* on asyncio, lap [0-9]+: chunks lost or out of order", ran.stdout)
