"""The pytest plugin: vectors as items, machines as tests, and nothing where nothing is asked."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from streamstate.testing import own_vectors
from streamstate.testing.vectors import read_vectors
from streamstate.wire import WireError
from tests.testing.faults import FAULTS, PLAIN, Fault
from tests.thorough import one_in

pytest_plugins = "pytester"

INSTALLED = any(each.value == "pytest_streamstate" for each in entry_points(group="pytest11"))
LOADED = () if INSTALLED else ("-p", "pytest_streamstate")
QUIET = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:hypothesispytest", *LOADED)
SIMPLE = "--streamstate-factory=tests.testing.simple:SimpleRegistry"


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUIET, *arguments)


def test_a_right_registry_passes_every_vector(pytester: pytest.Pytester) -> None:
    result = run(pytester, SIMPLE)
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"passed"}
    assert outcomes["passed"] > 150
    result.stdout.fnmatch_lines(
        [
            f"streamstate: {outcomes['passed']} vectors for SimpleRegistry in reference; left out:"
            " * need get*, * other dialects"
        ]
    )


def test_dialect_and_vectors_and_keywords_choose(pytester: pytest.Pytester) -> None:
    registry = "--streamstate-factory=streamstate:StreamStateRegistry"
    file = f"--streamstate-vectors={own_vectors() / 'PULL_9.jsonl'}"
    here = run(pytester, registry, file, "--streamstate-dialect=plan-01")
    wrong = here.parseoutcomes()
    assert wrong.keys() == {"failed"}
    here.stdout.fnmatch_lines([f"streamstate: {wrong['failed']} deviate, at PULL_9*"])
    assert run(pytester, SIMPLE, "-k", "PULL_2/1").parseoutcomes()["passed"] == 1


def test_they_run_beside_other_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_mine():\n    pass\n")
    file = f"--streamstate-vectors={own_vectors() / 'CREATE_1.jsonl'}"
    result = run(pytester, SIMPLE, file, "-v")
    result.stdout.fnmatch_lines(["*::test_mine PASSED*", "streamstate-vectors::CREATE_1/1 PASSED*"])


@pytest.mark.parametrize(
    "fault",
    one_in(2, [each for each in FAULTS if each.vectors]),
    ids=lambda fault: fault.factory.__name__,
)
def test_a_fault_fails_with_its_rule(fault: Fault, pytester: pytest.Pytester) -> None:
    kind = fault.factory
    options = [f"--streamstate-factory={kind.__module__}:{kind.__name__}", "-q"]
    if fault.convention is not PLAIN:
        options.append("--streamstate-convention=tests.testing.coroutines:CONVENTION")
    result = run(pytester, *options)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    (line,) = (line for line in result.outlines if " deviate, at " in line)
    assert f" {fault.seen_at}" in line


def test_a_failure_shows_rule_and_program_and_no_traceback(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        "--streamstate-factory=tests.testing.simple:CloseForgets",
        f"--streamstate-vectors={own_vectors() / 'CLOSE_2.jsonl'}",
    )
    result.stdout.fnmatch_lines(
        [
            "CLOSE_2",
            "   close on a stream on which pulls wait MUST close it*",
            "     create()* CREATE_1 * returns 1",
            "   ✗ close(1)* CLOSE_2",
            "       expected: pull * is done",
            "       observed: no pull settles",
            '   Program: *,[[]"close",1]]',
        ]
    )
    assert not any("Error" in line for line in result.outlines)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--streamstate-dialect=isolate"], "--streamstate-dialect is for --streamstate-factory"),
        (["--streamstate-factory=simple"], "'simple' names nothing; expected package.module:Name"),
        (["--streamstate-factory=json:Registry"], "json has no Registry"),
        (["--streamstate-factory=no_such_thing:A"], "No module named 'no_such_thing'"),
        (["--streamstate-factory=json:JSONDecoder"], "a JSONDecoder without create, push"),
        ([SIMPLE, "--streamstate-dialect=plan-1"], "unknown dialect 'plan-1'"),
        ([SIMPLE, "--streamstate-vectors=."], "no *.jsonl in ."),
        ([SIMPLE, "--streamstate-convention=json:dumps"], "not a Convention"),
    ],
)
def test_wrong_usage_is_one_line(
    options: list[str], message: str, pytester: pytest.Pytester
) -> None:
    result = run(pytester, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = (line for line in result.errlines if line.startswith("ERROR:"))
    assert message in line


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("{}", "is not a vector; expected id, needs, dialects, program, trace, rules"),
        (
            '{"id":"a","needs":[],"dialects":{},"program":[],"trace":[],"rules":["PULL"]}',
            '"PULL" is not the name of a rule',
        ),
        (
            '{"id":"a","needs":[],"dialects":{"x":[]},"program":[],"trace":[],"rules":[]}',
            "expected values of a policy",
        ),
    ],
)
def test_what_is_no_vector_is_named_with_its_line(line: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(WireError, match=r"mine\.jsonl:1: ") as caught:
        list(read_vectors(file))
    assert message in str(caught.value)


MACHINE = """
import pytest
from hypothesis import settings
from streamstate.testing import RegistryMachine
from tests.testing.simple import CloseForgets, SimpleRegistry

class TestRight(RegistryMachine):
    make = staticmethod(SimpleRegistry)

@pytest.mark.xfail(strict=True, raises=AssertionError)
class TestWrong(RegistryMachine):
    make = staticmethod(CloseForgets)

class NotATest(RegistryMachine):
    make = staticmethod(CloseForgets)

TestRight.TestCase.settings = settings(max_examples=5, deadline=None, derandomize=True)
TestWrong.TestCase.settings = settings(
    max_examples=60, deadline=None, derandomize=True, database=None, phases=["generate"]
)
"""


def test_a_machine_named_like_a_test_is_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(MACHINE)
    assert run(pytester, "-Werror").parseoutcomes() == {"passed": 1, "xfailed": 1}


NOTHING = """
import sys
import pytest
pytest.main(["--version", "-p", "no:hypothesispytest", *sys.argv[1:]])
print(sorted({"streamstate", "asyncio", "hypothesis"} & sys.modules.keys()))
"""


def test_unused_it_loads_nothing() -> None:
    command = (sys.executable, "-c", NOTHING, *LOADED)
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


WITHOUT = """
import sys
sys.modules["hypothesis"] = None
import streamstate.testing as testing
testing.assert_conforms
for name in ("RegistryMachine", "programs"):
    try:
        getattr(testing, name)
    except ModuleNotFoundError as error:
        print(error)
"""


def test_without_hypothesis_only_what_needs_it_is_missing() -> None:
    run = subprocess.run(
        (sys.executable, "-c", WITHOUT), capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [
        f"streamstate.testing.{name} needs hypothesis: pip install 'streamstate[testing]'"
        for name in ("RegistryMachine", "programs")
    ]
