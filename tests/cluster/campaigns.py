"""Runs campaigns of the small plan on a cluster, and the same on one machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from streamstate import __version__
from streamstate.cluster.campaign import CampaignOf, Mustered
from streamstate.cluster.connection import Connection
from streamstate.cluster.hands import Hands
from streamstate.cluster.shards import Adapter
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.checking import check
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.reading import read_verdict
from streamstate.oracle.verdict.tally import Example
from streamstate.oracle.verdict.verdict import Verdict
from tests.cluster.plans import QUESTION, adapter
from tests.cluster.processes import Cluster

SHARDS = 3


class Watched:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int]] = []
        self.firsts: list[Example] = []
        self.notes: list[str] = []

    def count(self, programs: int, deviating: int) -> None:
        self.counts.append((programs, deviating))

    def first(self, example: Example) -> None:
        self.firsts.append(example)

    def started(self) -> None:
        pass


@contextmanager
def asked(
    of: Cluster,
    on: Adapter,
    watched: Watched,
    limit: float = 60.0,
    tries: int = 5,
    patience: float = 20.0,
) -> Iterator[CampaignOf]:
    hands = Hands(
        Connection(of.address), __version__, watched.notes.append, tries=tries, patience=patience
    )
    try:
        yield CampaignOf(hands, QUESTION, on, limit, watched)
    finally:
        hands.close()


def run(of: Cluster, on: Adapter, watched: Watched | None = None, **limits: Any) -> Verdict:
    with asked(of, on, watched or Watched(), **limits) as campaign:
        mustered = campaign.muster(60.0)
        assert isinstance(mustered, Mustered)
        return campaign.run(mustered.hello, campaign.extent(mustered.hello, SHARDS))


def report(verdict: Verdict) -> dict[str, Any]:
    """All of it but for times, and for what ran the adapter."""
    said: dict[str, Any] = json.loads(json.dumps(as_json(verdict, __version__)))
    read_verdict(json.dumps(said).encode(), "it", __version__)  # it is in the schema
    return said | {"seconds": 0, "seconds_in_all": 0, "command": []}


@cache
def on_one_machine(dialect: str) -> dict[str, Any]:
    opener = adapter(dialect=dialect).opener(QUESTION, Budget())
    return report(check(opener, QUESTION.dialect, planner=QUESTION.planner))
