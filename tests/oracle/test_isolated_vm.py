"""What a guest sees of the first implementation, in an isolate of isolated-vm, is `plan-01`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from streamstate.model import PLAN_01
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import Planner, Suite
from tests.conftest import MISSING
from tests.oracle.foreign import replies
from tests.oracle.foreign_rows import row_of
from tests.oracle.small_plan import small_plan

ROW = row_of("isolated_vm")
NODE, ADAPTER = ROW.command or ("", "")

pytestmark = [
    pytest.mark.needs_node,
    pytest.mark.skipif(not NODE, reason=MISSING + ROW.install),
]

CALLS = {"as eval calls": (), "as evalSync calls": ("sync",)}


def tiny_plan(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """A few programs of each suite: two threads take turns several times for each op."""
    for suite in small_plan(machine, capabilities, seed):
        yield suite._replace(programs=islice(suite.programs, 0, None, 8))


@pytest.mark.parametrize("arguments", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "planner", [tiny_plan, pytest.param(small_plan, marks=pytest.mark.thorough)]
)
def test_a_guest_sees_plan_01(planner: Planner, arguments: tuple[str, ...]) -> None:
    command = (NODE, ADAPTER, *arguments)
    verdict = check(lambda: ChildImplementation(command), PLAN_01, planner=planner)
    assert verdict.exit_code == 0
    assert verdict.tally.conforms_to == ("plan-01",)


EVERY_WAY_TO_SETTLE: tuple[list[Any], ...] = (
    [["create"], ["pull", 1], ["push", 1, ""], ["push", 1, "/w=="], ["pull", 1]],
    [["create"], ["pull", 1], ["close", 1], ["pull", 1]],
    [["create"], ["error", 1, "boom"], ["pull", 1], ["delete", 1]],
    [["create"], ["pull", 1], ["delete", 1], ["pull", 1]],
)


@dataclass(frozen=True, slots=True)
class Fault:
    """In `file` there is `new` for `old`."""

    file: str
    old: str
    new: str


FAULTS = {
    "an empty chunk is taken for the end": Fault(
        "callbacks.mjs", "(done ? { done }", "(done || !value.length ? { done: true }"
    ),
    "bytes lose a bit": Fault(
        "callbacks.mjs", "[...value]", "[...value.map((byte) => byte & 127)]"
    ),
    "errors lose their message": Fault("callbacks.mjs", "new Error(message)", "new Error()"),
    "the end is told as an empty chunk": Fault(
        "callbacks.mjs", "(done ? { done }", "(done ? { done: false, value: [] }"
    ),
    "the guest answers before it is quiet": Fault(
        "guest.js", "await quiet_ref.apply(undefined, [], PROMISED);", ""
    ),
}

ENDS_THE_PROCESS = Fault(
    "callbacks.mjs",
    "const { done, value } =",
    "if (registry.get(id)?.errored) throw registry.get(id).reason; const { done, value } =",
)
"""A pull rejects before it waits."""


def answers(*command: str) -> list[dict[str, Any]]:
    return replies(command, EVERY_WAY_TO_SETTLE)


def reference() -> list[dict[str, Any]]:
    """What the model answers."""
    return answers(sys.executable, "-m", "streamstate", "reference", "--dialect", "plan-01")


def test_every_way_to_settle_is_as_in_the_model(tmp_path: Path) -> None:
    assert answers(NODE, faulty(folder=tmp_path)) == reference()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_between_guest_and_registry_is_seen(fault: Fault, tmp_path: Path) -> None:
    assert answers(NODE, faulty(fault, folder=tmp_path)) != reference()


def test_a_pull_that_rejects_before_it_waits_ends_the_host(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Error: boom"):
        answers(NODE, faulty(ENDS_THE_PROCESS, folder=tmp_path))


def test_a_pull_that_is_overwritten_never_settles_as_long_as_the_host_keeps_it(
    tmp_path: Path,
) -> None:
    overwritten = [["create"], ["pull", 1], ["pull", 1], ["close", 1], ["create"], ["create"]]
    collecting = Fault(
        "adapter.mjs", "setImmediate(resolve)", "setImmediate(() => { gc(); resolve(); })"
    )
    forgetting = Fault("callbacks.mjs", "kept.push(promise);", "")
    adapters = [
        faulty(collecting, folder=tmp_path / "keeps"),
        faulty(collecting, forgetting, folder=tmp_path / "forgets"),
    ]
    kept, forgotten = (
        replies((NODE, "--expose-gc", adapter), [overwritten])[0]["trace"] for adapter in adapters
    )
    told = [settled for _, answered in forgotten for settled in answered]
    assert [1, "error", "Promise was abandoned"] in told
    assert [settled for _, answered in kept for settled in answered] == [[2, "done"]]


def faulty(*faults: Fault, folder: Path) -> str:
    """The path of a copy of the adapter that has these faults."""
    original = Path(ADAPTER).parent
    without = shutil.ignore_patterns("node_modules")
    shutil.copytree(original.parent / "node", folder / "node", ignore=without)
    copy = shutil.copytree(original, folder / original.name, ignore=without)
    (copy / "node_modules").symlink_to(original / "node_modules")
    for fault in faults:
        source = copy / fault.file
        text = source.read_text()
        assert fault.old in text
        source.write_text(text.replace(fault.old, fault.new))
    return str(copy / Path(ADAPTER).name)
