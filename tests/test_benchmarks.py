"""The benchmark programs do what they say. Nothing here looks at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest

import streamstate
from streamstate.oracle.recordings import check
from streamstate.oracle.verdict.recording import Outcome
from tests.benchmarks import builds, histories, recordings, threads
from tests.benchmarks.clock import Comparison, compare
from tests.benchmarks.contenders import PEERS, Loop, Peer
from tests.benchmarks.engines.__main__ import VERSIONS, Answer, table
from tests.benchmarks.engines.adapters import ENGINES
from tests.benchmarks.engines.questions import QUESTIONS
from tests.benchmarks.peers import streamstate_registry as ours
from tests.benchmarks.work import Kind, Work


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_each_peer_hands_all_chunks_over_or_says_why_not(peer: Peer, kind: Kind) -> None:
    loop = Loop()
    with loop.runner:
        assert peer.lacks(kind) or loop.run_of(peer, kind)() > 0


@pytest.mark.parametrize("make", histories.HISTORIES.values(), ids=histories.HISTORIES)
def test_the_histories_that_are_timed_are_linearizable(
    make: Callable[[Path, int], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "history", 4_000)
    histories.check(str(tmp_path / "history"))
    events, verdict, *_ = capsys.readouterr().out.split(" | ")
    assert int(events.split()[0].replace(",", "")) >= 400
    assert verdict == "linearizable"


def test_the_long_recording_that_is_timed_conforms() -> None:
    file = BytesIO(b"".join(recordings.recording(2 * recordings.OPS)))
    verdict = check("long", file, None)
    assert (verdict.outcome, verdict.ops) == (Outcome.CONFORMS, 2 * recordings.OPS)


@pytest.mark.parametrize("work", [ours.counted, ours.counted_no_longer, ours.listened_to])
def test_chunks_go_through_while_somebody_watches(work: Work) -> None:
    assert asyncio.run(work()) > 0


PUSHES = (threads.push_soon, threads.submit, threads.blocking)
ONE_WAKE_UP_EACH = (threads.call_soon, threads.call_and_answer, threads.run_coroutine)


@pytest.mark.parametrize("push", [*PUSHES, *ONE_WAKE_UP_EACH], ids=lambda push: push.__name__)
def test_eight_threads_hand_all_chunks_over(
    push: Callable[[streamstate.StreamStateRegistry, int], threads.Push],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "PUSHES", 3)
    assert asyncio.run(threads.registry(push)) > 0


def test_queues_of_threads_that_are_not_installed_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threads, "PUSHES", 3)
    monkeypatch.setattr(threads, "find_spec", lambda name: name == "janus")
    threads.main(["--rounds", "1"])
    lines = [line for line in capsys.readouterr().out.splitlines() if "sync_q" in line]
    assert [line.endswith("| | not installed | |") for line in lines] == [False, True]


def test_both_of_a_pair_take_turns_in_going_first() -> None:
    ran: list[str] = []

    def ours() -> float:
        ran.append("ours")
        return 6.0

    def theirs() -> float:
        ran.append("theirs")
        return 2.0

    comparison = Comparison(ours, theirs)
    compare([comparison], rounds=6)
    assert ran[:4] == ["ours", "theirs", "theirs", "ours"]
    assert comparison.pairs == [(6.0, 2.0)] * 6
    assert comparison.ratio == 3.0
    assert comparison.quartiles == (3.0, 3.0)


@pytest.mark.needs_pure  # the same shared object cannot be loaded twice; that of another can
def test_the_registry_of_another_checkout_leaves_this_one_in_place() -> None:
    source = Path(streamstate.__file__).parent.parent
    _, other = builds.of_checkout(source)
    assert other.StreamStateRegistry is not streamstate.StreamStateRegistry
    assert import_module(builds.WORKS) is ours
    loop = Loop()
    with loop.runner:
        assert loop.run(other.buffered)() > 0


def test_a_folder_without_a_registry_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"{tmp_path} has no streamstate"):
        builds.of_checkout(tmp_path)


def test_of_a_chunk_that_was_seen_nothing_is_kept() -> None:
    loop = Loop()
    with loop.runner:
        references, blocks = loop.runner.run(ours.kept())
    assert references == 0
    assert blocks < 100  # of 1,200 chunks; the interpreter's own caches may grow


def _table_of_engines() -> list[str]:
    page = Path(__file__).parents[1] / "docs" / "explanation" / "09-which-javascript-engine.md"
    _, _, rest = page.read_text().partition("<!-- engines -->\n")
    return rest.partition("<!-- end of engines -->")[0].splitlines()


def test_the_page_has_the_table_of_engines_that_the_command_prints() -> None:
    told = _table_of_engines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in told]
    asked = {
        engine: {
            question: Answer(cells[2 + row][1 + column]) for row, question in enumerate(QUESTIONS)
        }
        for column, engine in enumerate(VERSIONS)
    }
    assert list(table(asked))[:-1] == told[:-1]
    assert list(VERSIONS) == list(ENGINES)


def test_a_process_that_dies_after_its_answer_is_counted() -> None:
    asked = {"jsbox": {question: Answer("yes") for question in QUESTIONS}}
    asked["jsbox"]["dispose"] = Answer("yes", died=True)
    *_, last = table(asked)
    assert last == f"| its processes that died | 1 of {len(QUESTIONS)} |"
