"""Registries that keep, share or misread the memory of chunks, or care what is in them: each is
told with its rule, and by a short program."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

import pytest

from streamstate.model import OF_MEMORY, REFERENCE
from streamstate.oracle import as_html, as_json, as_junit, as_text
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.by_memory import Sign, sign_of
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import Suite, default_plan
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.wire import compact
from tests.faults.javascript import FOLDER, node, variant
from tests.oracle.foreign import replies
from tests.thorough import one_in

pytestmark = pytest.mark.needs_node

_MOST_OPS: Final = 24

FAULTS: Final[list[dict[str, Any]]] = json.loads((FOLDER / "memory.json").read_text("utf-8"))

SIGNS: Final = {
    "push_keeps_the_reference": Sign.KEPT,
    "waiting_pulls_get_the_reference": Sign.KEPT,
    "the_queue_keeps_the_reference": Sign.KEPT,
    "large_chunks_are_not_copied": Sign.KEPT,
    "push_takes_the_whole_buffer": Sign.BEYOND,
    "push_queues_the_buffer_itself": Sign.BEYOND,
    "push_ignores_the_offset": Sign.BEYOND,
    "push_ignores_the_length": Sign.BEYOND,
    "equal_chunks_share_memory": Sign.SHARED,
    "one_buffer_for_all_pulls": Sign.REUSED,
}
"""What the chunks show of memory where that is what is wrong."""


def short_programs(
    machine: CachedModel, capabilities: Collection[str], seed: int
) -> Iterator[Suite]:
    """The short programs of the suites for contents and sizes."""
    for suite in default_plan(machine, capabilities, seed):
        if suite.name in {"structured", "volume"}:
            programs = (each for each in suite.programs if len(each) <= _MOST_OPS)
            yield suite._replace(programs=programs, interleaved=False)


def found(*options: str) -> tuple[Deviation, ...]:
    """The deviations of the registry in JavaScript with those options."""
    command = variant(REFERENCE, *options)
    verdict = check(lambda: ChildImplementation(command), REFERENCE, planner=short_programs)
    assert verdict.tally.broken is None, verdict.tally.broken
    return verdict.deviations


@pytest.mark.parametrize("mode", [(), ("--without", "get")], ids=["get", "black box"])
@pytest.mark.parametrize("fault", one_in(9, FAULTS), ids=lambda fault: fault["name"])
def test_it_is_told_with_its_rule_by_a_short_program(
    fault: dict[str, Any], mode: tuple[str, ...]
) -> None:
    deviations = found("--fault", fault["name"], *mode)
    first, sign = deviations[0], SIGNS.get(fault["name"])
    assert first.rule.name in fault["causes"]
    assert len(first.program) <= 7
    if first.rule in OF_MEMORY:
        assert len(deviations) == 1
        sign = sign or Sign.REUSED  # those that are told so show it only where they are looked at
        assert first.why == sign.value
    assert sign_of(first) is sign


def test_every_report_can_say_what_is_no_unicode_text() -> None:
    command = variant(REFERENCE, "--fault", "messages_are_made_well_formed")
    verdict = check(lambda: ChildImplementation(command), REFERENCE, planner=short_programs)
    shown = "".join(line.text for line in as_text(verdict))
    for report in (shown, as_html(verdict), compact(as_json(verdict, "1")), as_junit(verdict)):
        assert verdict.deviations[0].rule.name in report
        assert report.encode()
    assert '["error",1,"\\ud800"]' in shown


def test_every_fault_of_memory_has_its_sign() -> None:
    of_memory = {rule.name for rule in OF_MEMORY}
    assert {each["name"] for each in FAULTS if of_memory >= set(each["causes"])} == set(SIGNS)


def test_memory_that_is_used_again_much_later_is_told_at_the_end(tmp_path: Path) -> None:
    """The adapter looks at few chunks after each op, and at all of them once."""
    folder = tmp_path / "javascript"
    shutil.copytree(FOLDER, folder)
    registry = folder / "registry.mjs"
    taken = "this.queueSize -= chunk.length;"
    pooled = f"{taken} this.pool ??= []; if (this.pool.push(chunk) > 100) this.pool[0].set(chunk);"
    text = registry.read_text("utf-8")
    assert taken in text
    registry.write_text(text.replace(taken, pooled), encoding="utf-8")
    passes = [[["push", 1, "AQ=="], ["pull", 1]]] * 101
    (answer,) = replies((node(), str(folder / "adapter.mjs")), [[["create"], *chain(*passes)]])
    assert answer["late"] == [[1, "changed", "AQ=="]]
    assert not [item for _, settled in answer["trace"] for item in settled if item[1] != "value"]
