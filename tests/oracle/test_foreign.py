"""Other people's implementations still do what the page says of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import pytest

from streamstate.model import REFERENCE, Dialect
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.nearest_dialect import nearest
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.wire import Json
from tests.conftest import MISSING
from tests.oracle import foreign_cancel
from tests.oracle.foreign import find
from tests.oracle.foreign_cancel import Fate, fate_of_a_handed_chunk
from tests.oracle.foreign_page import PAGE, apart_in_one, made, said
from tests.oracle.foreign_rows import Row, behaviour, row_of, rows
from tests.oracle.foreign_toolchains import COMPILED, IMPLEMENTATIONS, Command
from tests.thorough import one_in

ROWS = rows()


def _started(row: Row) -> Command:
    command = row.command
    if command is None:
        if os.environ.get("STREAMSTATE_FORBID_SKIPS") == "1" and row.needs.tested:
            pytest.fail(f"{MISSING}{row.install} (STREAMSTATE_FORBID_SKIPS=1)", pytrace=False)
        pytest.skip(MISSING + row.install)
    return command


CASES = (
    *one_in(4, [row for row in ROWS if row.needs.on not in COMPILED]),
    *(pytest.param(row, marks=pytest.mark.thorough) for row in ROWS if row.needs.on in COMPILED),
)
"""What has to be compiled first takes longer."""

_CHUNK = b64encode(bytes(60_000)).decode()
_LARGE = json.dumps(
    {"cmd": "run", "seq": 0, "program": [["create"], ["push", 1, _CHUNK], ["pull", 1]]}
)


@pytest.mark.parametrize("row", CASES, ids=lambda row: row.name)
def test_it_does_what_its_row_says(row: Row) -> None:
    assert behaviour(row, _started(row)) == row.known.behaviour


APART = {
    "WritableStream of Node": "push_when_full",  # in every probe its writes wait
    "async-channel of npm": "repeated_error",  # keeps its first error; it breaks a rule more so
    "asyncio.StreamReader": "errored_backlog",  # is full of bytes only: also where chunks are kept
    "futures mpsc": "push_when_full",  # has a place more than it was made with, so is never full
}
"""The field in which a few probes find another value than the thousands of answers of a row."""


@pytest.mark.thorough
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_few_probes_find_the_dialect_of_its_row(row: Row) -> None:
    command = _started(row)
    with closing(_runner(command)) as runner:
        found = nearest(runner)
    assert found is not None
    fields = row.known.behaviour.fields
    elsewhere = [each for each, fit in fields.items() if getattr(found.dialect, each) not in fit]
    assert elsewhere == ([APART[row.name]] if row.name in APART else [])


def _runner(command: Command) -> Runner:
    return Runner(lambda: ChildImplementation(command, 60), REFERENCE, CachedModels())


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["bun_readable_stream", "node_readable_stream"])
def test_its_last_answers_are_whole_where_they_are_read_late(name: str) -> None:
    """An adapter that leaves before its output is out would have left within the second."""
    command = _started(row_of(name))
    text = '{"cmd":"start","protocol":1}\n' + f"{_LARGE}\n" * 40 + '{"cmd":"stop"}\n'
    with tempfile.TemporaryFile("w+") as asked:
        asked.write(text)
        asked.seek(0)
        with subprocess.Popen(command, stdin=asked, stdout=subprocess.PIPE, text=True) as adapter:
            with suppress(subprocess.TimeoutExpired):
                adapter.wait(1)
            assert adapter.stdout is not None
            answers = [json.loads(line) for line in adapter.stdout]
    assert len(answers) == 41


def test_a_row_does_not_hold_of_another_implementation() -> None:
    row = row_of("asyncio_stream_reader")
    assert behaviour(row, _reference("reference+overlapping_pull=refuse")) != row.known.behaviour
    other = row_of("asyncio_queue").command
    assert other is not None
    assert behaviour(row, other) != row.known.behaviour


def test_the_page_is_made_from_the_rows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert made(page, ROWS) == page


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_adapter_is_short(row: Row) -> None:
    assert len((IMPLEMENTATIONS / row.adapter).read_text(encoding="utf-8").splitlines()) <= 80


def test_rows_that_differ_in_one_field_stand_beside_each_other() -> None:
    ivm, web = row_of("isolated_vm"), row_of("node_readable_stream")
    fields = dict(web.known.behaviour.fields)
    fields["push_when_full"] = ("refuse",)
    measured = replace(web.known, behaviour=replace(web.known.behaviour, fields=fields))
    refusing = replace(web, name="one that refuses", measured=measured)
    ((field, alike, apart),) = apart_in_one((ivm, web, refusing))
    assert field == "push_when_full"
    assert apart == {"accept": [web.name], "refuse": ["one that refuses"]}
    assert alike["overlapping_pull"] == "queue"


def _reference(dialect: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "streamstate", "reference", "--dialect", dialect)


@pytest.mark.parametrize("dialect", ["whatwg", "isolate+push_when_full=refuse"])
def test_what_is_a_point_of_the_lattice_is_found_there_and_nowhere_else(dialect: str) -> None:
    finding = find(_reference(dialect))
    assert finding.nearest == Dialect.parse(dialect)
    assert all(len(fitting) == 1 for fitting in finding.fields.values())
    assert (finding.misfit, finding.differences, finding.unordered) == ((0, 0), (), ())


def _fate(monkeypatch: pytest.MonkeyPatch, *brought: str, refuses: bytes = b"") -> Fate:
    """What is said of an adapter whose pulls bring that, `2a 3b` in each of the four programs."""

    def answer(program: Sequence[Any], settled: str) -> dict[str, Any]:
        trace: list[Any] = [[None, []] for _ in program]
        for place, (name, *ops) in enumerate(program):
            if name == "together":
                chunks = [b64decode(op[2]) if op[0] == "push" else None for op in ops]
                trace[place][0] = [None if one is None else one != refuses for one in chunks]
        trace[-1][1] = [
            [int(each[0]), "value", b64encode(each[1:].encode()).decode()]
            for each in settled.split()
        ]
        return {"trace": trace}

    def replies(_command: Sequence[str], programs: Sequence[Any]) -> list[dict[str, Any]]:
        return [answer(*each) for each in zip(programs, brought, strict=True)]

    monkeypatch.setattr(foreign_cancel, "replies", replies)
    return fate_of_a_handed_chunk(())


def test_a_chunk_that_comes_late_or_not_at_all_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _fate(monkeypatch, "2a", "2a 3b", "2a", "2a") is Fate.NEXT
    assert _fate(monkeypatch, "2a", "2b 3a", "2a", "2a") is Fate.OUT_OF_ORDER
    assert _fate(monkeypatch, "2a", "2a 3b", "2a", "") is Fate.LOST
    assert _fate(monkeypatch, "1a", "2a 3b", "2a", "2a") is Fate.SETTLES


def test_a_chunk_that_was_refused_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _fate(monkeypatch, "2a", "2a", "2a", "2a", refuses=b"b") is Fate.NEXT
    assert _fate(monkeypatch, "2a", "2a", "2a", "2a") is Fate.LOST


def test_a_program_is_said_in_short() -> None:
    looks: list[Json] = [["push", 1, "YQ=="], ["is_queue_full", 1]] * 3
    assert said([["create"], *looks, ["pull", 1], ["pull", 1]]) == (
        "create, 3 times (push 1, is_queue_full), pull, pull"
    )
