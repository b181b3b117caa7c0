"""What is said while a check runs: the first deviation at once, wherever it is read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from threading import Event, active_count

from streamstate.cli.screen import Bar, Note, every
from streamstate.model import PLAN_01 as PLAN_01_DIALECT
from streamstate.model import REFERENCE, Create, Pull, Push
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.campaign.driving import Campaign
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.plan import default_plan, requests
from streamstate.oracle.verdict.tally import Example
from streamstate.registry import StreamStateRegistry
from tests.cli.commands import OVERLAPPING, PLAN_01, shell
from tests.cli.commands import REFERENCE as CONFORMING

FIRST = (
    "First deviation, at PULL_10: create(); pull(1) as pull 1; pull(1) as pull 2 (expected: pull 1"
    " is rejected with 'Pull superseded'; observed: no pull settles)\n"
)


def test_the_first_deviation_is_said_aside_where_nobody_watches() -> None:
    done = shell(("check", "--program", OVERLAPPING, "--json", "-", "--", *PLAN_01))
    assert done.returncode == 1
    assert done.stderr.startswith(FIRST)
    assert done.stderr.count("First deviation") == 1
    assert "First deviation" not in done.stdout


def test_nothing_is_said_of_what_conforms() -> None:
    done = shell(("check", "--program", OVERLAPPING, "--", *CONFORMING))
    assert (done.returncode, done.stderr) == (0, "")


class Overheard:
    """What a campaign tells of itself, in order."""

    def __init__(self) -> None:
        self.told: list[int | Example] = []

    def count(self, programs: int, deviating: int) -> None:
        assert deviating <= programs
        self.told.append(programs)

    def first(self, example: Example) -> None:
        self.told.append(example)


def overhear(programs: Iterable[Request]) -> list[int | Example]:
    """What is told of plan-01 in the place of the reference."""
    overheard = Overheard()
    implementation = InProcessImplementation(
        lambda limits: StreamStateRegistry(PLAN_01_DIALECT, limits), "plan-01", "1"
    )
    try:
        Campaign(implementation, REFERENCE, CachedModels(), overheard).drive(programs)
    finally:
        implementation.close()
    return overheard.told


def test_it_is_told_once_and_before_what_comes_later_is_run() -> None:
    planned = requests(default_plan(CachedModel(REFERENCE)))
    first, *rest = overhear(islice(planned, 1_000))
    assert isinstance(first, Example)
    assert rest == [200, 400, 600, 800, 1_000]


def test_the_lines_on_a_terminal() -> None:
    (example,) = overhear([Request(1, program_of((Create(), *(Pull(1),) * 8)), None, "")])
    assert isinstance(example, Example)
    said: list[str] = []
    bar = Bar(said.append)
    bar.started()
    bar.count(200, 0)
    bar.first(example)
    bar.count(1_400, 25)
    bar.started()
    first = FIRST.rstrip()
    assert said == [
        "200 programs",
        f"200 programs\n  {first}",
        f"1,400 programs, 25 deviate\n  {first}",
        f"1,400 programs, 25 deviate; finding the cause …\n  {first}",
    ]


def test_where_nobody_watches_it_is_said_now_and_then_that_something_goes_on() -> None:
    (example,) = overhear([Request(1, program_of((Create(), *(Pull(1),) * 8)), None, "")])
    assert isinstance(example, Example)
    said: list[str] = []
    note = Note(said.append)
    note.started()
    note.count(200, 0)
    note.still()
    assert said == []  # nothing deviates
    note.first(example)
    note.count(1_400, 25)
    note.still()
    note.started()
    note.still()
    assert said[1:] == [
        "… 1,400 programs, 25 deviate; running the rest of the plan …",
        "… 1,400 programs, 25 deviate; finding the cause …",
    ]


def test_what_is_done_every_now_and_then_is_done_again_and_not_any_more_when_it_is_over() -> None:
    twice, times, before = Event(), [0], active_count()

    def do() -> None:
        times[0] += 1
        if times[0] == 2:
            twice.set()

    with every(0.001, do):
        assert twice.wait(60)
    done = times[0]
    assert active_count() == before
    assert times[0] == done


def test_of_a_long_program_the_end_is_said() -> None:
    ops = (Create(), *(Push(1, b"a"), Pull(1)) * 20, Pull(1), Pull(1))
    (example,) = overhear([Request(1, program_of(ops), None, "")])
    assert isinstance(example, Example)
    said: list[str] = []
    Note(said.append).first(example)
    (line,) = said
    assert line.startswith(
        "First deviation, at PULL_10: …; push(1, 1 byte 61); pull(1) as pull 19;"
    )
    assert "pull(1) as pull 22 (expected: pull 21 is rejected" in line
