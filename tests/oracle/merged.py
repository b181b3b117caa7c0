"""Reports that are written and read again, and those on the shards of one plan."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeAlias

from streamstate import __version__
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.reading import Part, read_verdict
from streamstate.oracle.verdict.verdict import Shard, Verdict
from tests.oracle.certified_plan import checked

Report: TypeAlias = dict[str, Any]


def written(verdict: Verdict) -> bytes:
    return json.dumps(as_json(verdict, __version__)).encode()


# --- Putting together ------------------------------------------------------------------------


@cache
def parts_of(name: str, of: int) -> tuple[Part, ...]:
    """A verdict on each shard of a small plan, written and read."""
    verdicts = (checked(name, Shard(number, of)) for number in range(1, of + 1))
    return tuple(
        Part(f"{each.shard.number}.json", read_verdict(written(each), "it.json", __version__))
        for each in verdicts
    )
