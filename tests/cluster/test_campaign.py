"""A campaign on a real scheduler and worker processes: the report of one machine, whatever becomes
of workers; and no pass where a shard was not run."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import sleep

import pytest

import streamstate
from streamstate.cluster import campaign as module
from streamstate.cluster.campaign import Mustered, shards_for
from streamstate.cluster.connection import ClusterError, Connection
from streamstate.cluster.shards import Adapter, Drive, Driven
from streamstate.cluster.work import Say
from streamstate.model import REFERENCE
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.implementation import Hello
from streamstate.oracle.campaign.merging import merged
from streamstate.oracle.checking import check
from streamstate.oracle.suites.extent import Extent
from streamstate.oracle.verdict.tally import Tally
from streamstate.oracle.verdict.verdict import Shard
from tests.cluster.campaigns import SHARDS, Watched, asked, on_one_machine, report, run
from tests.cluster.plans import QUESTION, REFUSES, adapter, small_plan
from tests.cluster.processes import Cluster, cluster

pytestmark = [
    pytest.mark.thorough,  # a scheduler and workers take seconds to start
    pytest.mark.needs_cluster,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(name="three", scope="module")
def _three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 3) as made:
        yield made


@pytest.mark.parametrize("dialect", ["reference", REFUSES])
def test_the_report_is_that_of_one_machine(dialect: str, three: Cluster) -> None:
    watched = Watched()
    assert report(run(three, adapter(dialect=dialect), watched)) == on_one_machine(dialect)
    deviates = dialect != "reference"
    assert len(watched.firsts) == deviates
    assert watched.counts[-1] == (
        on_one_machine(dialect)["programs"],
        on_one_machine(dialect)["deviating_programs"],
    )


def once_there(marker: Path, number: signal.Signals, of: Cluster) -> Thread:
    """Sends that signal to the worker that the marker names, as soon as there is one."""

    def send() -> None:
        while not marker.exists():
            sleep(0.01)
        worker = int(marker.read_text())
        assert worker in {each.pid for each in of.workers}
        os.kill(worker, number)

    thread = Thread(target=send, daemon=True)
    thread.start()
    return thread


def test_a_worker_killed_in_the_middle_changes_nothing(three: Cluster, tmp_path: Path) -> None:
    dialect = REFUSES
    three.add()
    watched, marker = Watched(), tmp_path / "marker"
    killer = once_there(marker, signal.SIGKILL, three)
    verdict = run(three, adapter("waits", 601, marker, dialect), watched)
    killer.join()
    assert report(verdict) == on_one_machine(dialect)
    assert any("the worker is gone" in note for note in watched.notes)


def test_a_worker_that_hangs_changes_nothing(three: Cluster, tmp_path: Path) -> None:
    three.add()
    watched, marker = Watched(), tmp_path / "marker"
    stopper = once_there(marker, signal.SIGSTOP, three)
    try:
        verdict = run(three, adapter("waits", 601, marker), watched, limit=8.0)
    finally:
        stopper.join()
        os.kill(int(marker.read_text()), signal.SIGKILL)
    assert report(verdict) == on_one_machine("reference")
    assert any("it took more than 8 seconds" in note for note in watched.notes)


def test_what_is_known_is_told_where_the_scheduler_dies(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster", 1) as one:

        def kill() -> None:
            while not marker.exists():
                sleep(0.01)
            one.kill_scheduler()

        killer = Thread(target=kill, daemon=True)
        killer.start()
        verdict = run(one, adapter("waits", 601, marker))
    killer.join()
    assert verdict.not_run
    assert "the scheduler" in verdict.not_run[-1].why
    assert verdict.exit_code == 3
    report(verdict)


def test_a_shard_that_hangs_everywhere_is_not_run_and_nothing_passes(
    three: Cluster, tmp_path: Path
) -> None:
    hangs = adapter("hangs", 601, tmp_path / "marker")
    verdict = run(three, hangs, limit=6.0, tries=2)
    (missing,) = verdict.not_run
    assert missing.shard == Shard((601 - 1) % SHARDS + 1, SHARDS)
    assert missing.why.count("it took more than 6 seconds") == 2
    assert (verdict.outcome, verdict.exit_code) == ("inconclusive", 3)
    assert report(verdict)["not_run"] == [{**missing.shard._asdict(), "why": missing.why}]


def test_an_adapter_that_dies_breaks_it_as_on_one_machine(three: Cluster, tmp_path: Path) -> None:
    """Nothing counts that comes after the program at which it dies."""
    dies = adapter("dies", 650, tmp_path / "marker")
    alone = check(dies.opener(QUESTION, Budget()), QUESTION.dialect, planner=QUESTION.planner)
    assert report(run(three, dies)) == report(alone)
    assert alone.exit_code == 3


def _workers(address: str, number: int) -> None:
    """Wait until there are so many."""
    connection = Connection(address)
    while len(connection.workers()) != number:
        sleep(0.02)
    connection.close()


def test_an_adapter_that_is_missing_on_one_worker_is_a_finding(three: Cluster) -> None:
    program = three.programs / "adapter-of-tests"
    program.write_text(f"#!/bin/sh\nexec {' '.join(adapter().command)}\n")
    program.chmod(0o755)
    there = len(three.workers) - sum(each.poll() is not None for each in three.workers)
    with three.one_more({"PATH": os.environ["PATH"]}):
        _workers(three.address, there + 1)
        verdict = run(three, Adapter((program.name,), 60.0))
    _workers(three.address, there)
    (remark,) = verdict.remarks
    assert "the adapter did not start: cannot run 'adapter-of-tests'" in remark
    assert report(verdict) == on_one_machine("reference") | {"remarks": [remark]}


def test_an_adapter_that_is_missing_everywhere_breaks_it(three: Cluster) -> None:
    with asked(three, Adapter(("no-such-adapter",), 60.0), Watched()) as campaign:
        mustered = campaign.muster(60.0)
    assert not isinstance(mustered, Mustered)
    verdict = QUESTION.unanswered(mustered)
    assert (verdict.outcome, verdict.exit_code) == ("broken", 3)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('__version__ = "0.0.9"', "it runs streamstate 0.0.9, not "),
        ("", "from other sources: another version may have another plan"),
    ],
)
def test_a_worker_with_another_streamstate_is_named(
    line: str, said: str, three: Cluster, tmp_path: Path
) -> None:
    other = shutil.copytree(Path(streamstate.__file__).parent, tmp_path / "streamstate")
    top = other / "__init__.py"
    top.write_text(f"{top.read_text()}\n{line}\n")
    there = len(three.workers) - sum(each.poll() is not None for each in three.workers)
    with three.one_more({"PYTHONPATH": str(tmp_path)}):
        _workers(three.address, there + 1)
        with (
            asked(three, adapter(), Watched()) as campaign,
            pytest.raises(ClusterError, match=said),
        ):
            campaign.muster(60.0)
    _workers(three.address, there)


# Workers that are wrong do not pass. ----------------------------------------------------------


class OfAnotherPlan(Drive):
    """A worker that drives the shard of another seed."""

    def do(self, say: Say) -> Driven:
        other = replace(self.question, seed=2)
        return Drive(other, self.adapter, self.shard, self.limit).do(say)


class OfAnotherShard(Drive):
    def do(self, say: Say) -> Driven:
        other = Shard(self.shard.number % self.shard.of + 1, self.shard.of)
        return Drive(self.question, self.adapter, other, self.limit).do(say)


class OfFewerPrograms(Drive):
    """It says what it was asked, and has left out the last."""

    def do(self, say: Say) -> Driven:
        asked = Drive(self.question, self.adapter, self.shard, self.limit, 600)
        return Drive.do(asked, say)


class Lost(Drive):
    def do(self, say: Say) -> Driven:
        say((0, 0))
        raise OSError("the disk is full")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (OfAnotherPlan, "it answered for another plan or shard"),
        (OfAnotherShard, "it answered for another plan or shard"),
        (OfFewerPrograms, "it ran other programs than those of its shard"),
        (Lost, "OSError: the disk is full"),
    ],
)
def test_what_a_wrong_worker_did_is_not_used(
    wrong: type[Drive], said: str, three: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "Drive", wrong)
    verdict = run(three, Adapter((), 60.0), tries=1, patience=1.0)
    assert len(verdict.not_run) == SHARDS
    assert said in verdict.not_run[0].why
    assert verdict.exit_code == 3


def test_a_merge_that_loses_a_shard_is_seen(
    three: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is another one than that of one machine."""

    def broken(tallies: Sequence[Tally]) -> Tally:
        return merged(tallies[:-1])

    alone = check(Adapter((), 1.0).opener(QUESTION, Budget()), REFERENCE, planner=small_plan)
    for wrong in (False, True):
        if wrong:
            monkeypatch.setattr("streamstate.cluster.shards.merged", broken)
        assert (report(run(three, Adapter((), 1.0))) == report(alone)) is not wrong


@pytest.mark.parametrize(
    ("programs", "ops", "shards"),
    [
        (10, 50, 6),  # one for each thread
        (3, 9, 3),  # but none without a program
        (90_000, 900_000, 6),
        (400_000, 4_000_000, 20),  # so that little is lost with a worker
        (30_000_000, 30_000_000, 150),  # none of more programs than a worker remembers
        (400_000, 4_000_000_000, 1600),  # none that takes longer than a quarter of the limit
    ],
)
def test_a_plan_is_cut_by_its_size_and_the_workers(programs: int, ops: int, shards: int) -> None:
    mustered = Mustered(Hello("it", "1", "any", frozenset(), exact=True), threads=6, rate=1e5)
    assert shards_for(Extent(programs, ops, ()), mustered, limit=600.0) == shards


# Where there is no cluster. -------------------------------------------------------------------


def test_a_cluster_without_workers_is_said(tmp_path: Path) -> None:
    with (
        cluster(tmp_path, 0) as empty,
        asked(empty, adapter(), Watched()) as campaign,
        pytest.raises(ClusterError, match="no worker has joined the scheduler within 1 seconds"),
    ):
        campaign.muster(1.0)
