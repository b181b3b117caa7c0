"""`streamstate campaign` and `streamstate trace --cluster`, as somebody types them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from streamstate import __version__
from streamstate.cluster.connection import ClusterError, Connection
from streamstate.cluster.hands import Hands
from streamstate.cluster.recordings import judging
from streamstate.cluster.shards import Adapter, DefaultPlan
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.recordings import Judged, Piece, check, check_split
from streamstate.oracle.suites.extent import extent
from tests.cluster.plans import QUESTION
from tests.cluster.processes import ROOT, Cluster, cluster
from tests.oracle.test_traces_split import stock

pytestmark = [
    pytest.mark.thorough,  # a scheduler and workers take seconds to start
    pytest.mark.needs_cluster,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]

NODE_ADAPTER = ROOT / "tests" / "implementations" / "javascript" / "adapter.mjs"


@pytest.fixture(name="two", scope="module")
def _two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as made:
        yield made


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "streamstate", *map(str, arguments))
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_a_campaign_says_how_large_it_is_before_it_starts(two: Cluster) -> None:
    done = run("campaign", "--cluster", two.address, "--extra-states", 1, "--estimate")
    assert (done.returncode, done.stdout) == (0, "")
    size, adds, would_add = done.stderr.splitlines()
    said = re.match(r"([\d,]+) programs, ([\d,]+) ops in \d+ shards; about .+ as measured\.$", size)
    assert said is not None
    with closing(Adapter((), 1.0).opener(QUESTION, Budget())()) as built_in:
        asked = replace(QUESTION, planner=DefaultPlan(1))
        plan = extent(asked.planned(built_in.hello, CachedModels()))
    assert said.groups() == (f"{plan.programs:,}", f"{plan.ops:,}")
    assert adds.startswith("--extra-states 1 adds ")
    assert would_add.startswith("--extra-states 2 would add ")


def _silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def _closed() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    yield address


@pytest.mark.parametrize(
    "address", [_silent, _closed, lambda: iter(("nonsense",)), lambda: iter(("foo://x:1",))]
)
def test_an_address_at_which_no_scheduler_answers_is_said(
    address: Callable[[], Iterator[str]],
) -> None:
    for each in address():
        with pytest.raises(ClusterError, match="expected an address such as tcp://127"):
            Connection(each, patience=1.0)


@pytest.mark.parametrize("command", ["campaign", "trace"])
def test_an_address_without_a_scheduler_is_wrong_usage(command: str, tmp_path: Path) -> None:
    file = tmp_path / "it.jsonl"
    file.write_bytes(stock(2, 2))
    also = (file,) if command == "trace" else ()
    done = run(command, "--cluster", "nonsense", *also)
    assert done.returncode == 2
    assert "no scheduler of dask.distributed answers at 'nonsense'" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError('not here')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = (sys.executable, "-m", "streamstate", "campaign", "--cluster", "tcp://127.0.0.1:1")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'streamstate[cluster]'" in done.stderr


@pytest.mark.thorough
@pytest.mark.needs_node
def test_the_report_of_the_default_plan_is_that_of_check(
    two: Cluster, node: Path, tmp_path: Path
) -> None:
    campaign, alone = tmp_path / "campaign.json", tmp_path / "check.json"
    where = ("--cluster", two.address, "--shards", 5)
    codes = {
        run("campaign", *where, "--json", campaign, "--", node, NODE_ADAPTER).returncode,
        run("check", "--json", alone, "--", node, NODE_ADAPTER).returncode,
    }
    assert codes == {0}
    timeless = {"seconds": 0, "seconds_in_all": 0}
    assert json.loads(campaign.read_text()) | timeless == json.loads(alone.read_text()) | timeless


def test_a_recording_is_checked_by_workers(two: Cluster) -> None:
    """One of which is killed, and one stopped, between two stretches of it."""
    recording = stock(40, 40)
    lines = recording.splitlines(keepends=True)
    wrong = b"".join([*lines[:1200], lines[1203], *lines[1200:]])
    hands = Hands(Connection(two.address), __version__, lambda _: None, tries=9, patience=60.0)
    sent = 0
    stopped = two.add()
    killed = two.add()
    try:
        with judging(hands, limit=5.0) as (shares, begin):

            def begin_and_hurt(pieces: Sequence[Piece]) -> Callable[[], Sequence[Judged]]:
                nonlocal sent
                sent += 1
                if sent == 2:
                    os.kill(killed, signal.SIGKILL)
                if sent == 4:
                    os.kill(stopped, signal.SIGSTOP)
                return begin(pieces)

            split = partial(check_split, begin=begin_and_hurt, stretch=(0, 200))
            for each in (recording, wrong):
                assert split("it", BytesIO(each), None, shares) == check("it", BytesIO(each))
        assert sent > 10
    finally:
        os.kill(stopped, signal.SIGKILL)
        hands.close()
