"""Several processes at once come to the verdict of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import pytest

from streamstate.model import REFERENCE
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import ExchangeError, Fault, Hello, Request
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.adapters.team import Team, in_parallel
from streamstate.oracle.campaign.driving import Campaign
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.suites.plan import Suite, default_plan, requests
from streamstate.oracle.verdict.tally import Tally
from streamstate.registry import StreamStateRegistry

HERE = Path(__file__).parent
DIALECT = "reference+overlapping_pull=refuse"
HELLO = Hello("someone", "1", "nothing", frozenset(), exact=True)


class Member:
    """Answers with who it is and what it was asked; keeps what happened to it."""

    def __init__(self, number: int, hello: Hello = HELLO) -> None:
        self.number = number
        self.hello = hello
        self.closed = False

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        ahead = []  # takes some requests before it answers the first, as a child does
        for request in requests:
            ahead.append(request)
            if len(ahead) == 3 + self.number:
                yield self._answer(ahead.pop(0))
        yield from map(self._answer, ahead)

    def _answer(self, request: Request) -> bytes:
        return b"%d by %d" % (request.seq, self.number)

    def close(self) -> None:
        self.closed = True


class Members:
    """An opener that remembers whom it opened."""

    def __init__(self) -> None:
        self.opened: list[Member] = []
        self._numbers = count()

    def __call__(self) -> Member:
        member = Member(next(self._numbers))
        self.opened.append(member)
        return member


def asked(number: int) -> Iterator[Request]:
    return (Request(seq, ()) for seq in range(number))


@pytest.mark.parametrize("jobs", [1, 2, 3, 7])
@pytest.mark.parametrize("number", [0, 1, 2, 20, 21, 22, 23])
def test_answers_come_in_the_order_of_the_requests(jobs: int, number: int) -> None:
    members = Members()
    team = Team(members, jobs)
    lines = [line.split()[0] for line in team.run(asked(number))]
    assert lines == [b"%d" % seq for seq in range(number)]
    assert len(members.opened) == (jobs if number > 1 else 1)
    again = list(team.run(asked(number)))
    assert len(again) == number
    team.close()
    assert all(member.closed for member in members.opened)


def test_programs_are_dealt_out_in_turn() -> None:
    by_whom = [line.split()[-1] for line in Team(Members(), 3).run(asked(7))]
    assert sorted(by_whom[:3]) == [b"0", b"1", b"2"]
    assert by_whom[3:6] == by_whom[:3]


def test_one_job_is_the_implementation_itself() -> None:
    members = Members()
    assert in_parallel(members, 1) is members
    with pytest.raises(ValueError, match="jobs must be at least 1, not 0"):
        Team(members, 0)


def test_processes_that_differ_are_refused_and_ended() -> None:
    opened: list[Member] = []

    def opener() -> Member:
        opened.append(Member(0, HELLO if not opened else replace(HELLO, version="2")))
        return opened[-1]

    team = Team(opener, 3)
    with pytest.raises(ExchangeError, match="answered start in different ways") as error:
        list(team.run(asked(5)))
    assert error.value.fault is Fault.HANDSHAKE
    team.close()
    assert len(opened) == 3
    assert all(member.closed for member in opened)


def test_one_that_cannot_be_started_breaks_the_exchange_and_the_others_are_ended() -> None:
    members = Members()

    def opener() -> Member:
        if len(members.opened) == 2:
            raise ExchangeError(Fault.START, "no more of them")
        return members()

    team = Team(opener, 3)
    with pytest.raises(ExchangeError, match="no more of them"):
        list(team.run(asked(5)))
    team.close()
    assert all(member.closed for member in members.opened)


def few(machine: CachedModel, _capabilities: object, seed: int) -> Iterator[Suite]:
    many = (
        each
        for each in default_plan(machine, (), seed)
        if each.name not in {"lifecycles", "volume"}
    )
    for suite in islice(many, 7):
        yield suite._replace(programs=islice(suite.programs, 0, 450, 3))


@pytest.mark.thorough
def test_the_verdict_does_not_depend_on_the_number_of_jobs() -> None:
    command = (sys.executable, "-m", "streamstate", "reference", "--dialect", DIALECT)
    verdicts = [
        check(in_parallel(lambda: ChildImplementation(command), jobs), REFERENCE, planner=few)
        for jobs in (1, 3)
    ]
    for verdict in verdicts:
        assert verdict.deviations
        verdict.tally.seconds = verdict.tally.seconds_in_all = 0
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize("habit", ["crash", "skips_one", "garbage"])
def test_an_exchange_breaks_where_one_of_them_breaks(habit: str) -> None:
    command = (sys.executable, str(HERE / "broken_adapter.py"), habit)
    team = Team(lambda: ChildImplementation(command, 3), 2)
    try:
        machines = CachedModels()
        planned = few(machines.of(REFERENCE), (), 1)
        tally = Campaign(team, REFERENCE, machines).drive(requests(planned))
    finally:
        team.close()
    assert tally.broken is not None
    assert tally.running is not None
    # The first of them was asked 300 programs by then, and every second one of all.
    assert (tally.programs, tally.running.seq) == (598, 599)


def driven(budget: float, *, seconds_for_each: float) -> Tally:
    """A campaign by a clock that goes on by so much each time that it is looked at."""
    times = count(0, seconds_for_each)
    implementation = InProcessImplementation(
        lambda limits: StreamStateRegistry(limits=limits), "", ""
    )
    machines = CachedModels()
    planned = tuple(few(machines.of(REFERENCE), (), 1))
    try:
        return Campaign(
            implementation,
            REFERENCE,
            machines,
            budget=Budget(budget, lambda: next(times)),
        ).drive(requests(planned))
    finally:
        implementation.close()


def test_no_program_is_begun_when_the_time_is_over() -> None:
    cut = driven(51, seconds_for_each=1)
    assert cut.programs == 25  # the clock is looked at when a program is begun, and when it is done
    following = islice(requests(few(CachedModels().of(REFERENCE), (), 1)), 25, None)
    assert cut.cut == next(following).family
    assert driven(0.5, seconds_for_each=1).programs == 0


def test_nothing_is_cut_when_there_is_time() -> None:
    whole = driven(50, seconds_for_each=1e-6)
    assert whole.cut is None
    assert whole.programs > 500
