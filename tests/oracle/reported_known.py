"""More verdicts for the tests of reports: with known deviations, of a part of the plan, of none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Close, Create, Op, Pull, Rule
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.known_deviations import excuse, try_known
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.suites.plan import Suite
from streamstate.oracle.verdict.known import Known
from streamstate.oracle.verdict.verdict import Shard, Verdict
from tests.oracle import reported
from tests.oracle.broken_registries import CloseForgets, opener_of
from tests.oracle.reported import NASTY, few

FORGOTTEN: tuple[Op, ...] = (Create(), Pull(1), Close(1))

STANDS = Known(
    "known.toml, line 1", Rule.CLOSE_2, FORGOTTEN, f"so be it {NASTY}", url="https://example.org/1"
)
GONE = Known("known.toml, line 9", Rule.CREATE_1, (Create(),), "once")
IDLE = Known("known.toml, line 17", Rule.CLOSE_2, (Pull(9), *FORGOTTEN), "the same")

_forgets = opener_of(CloseForgets)


def in_view_of(verdict: Verdict, *known: Known) -> Verdict:
    """A verdict on a registry that forgets closes, with those known deviations."""
    runner = Runner(_forgets, REFERENCE, CachedModels())
    try:
        return excuse(verdict, try_known(runner, known))
    finally:
        runner.close()


def nothing(_machine: CachedModel, _capabilities: object, _seed: int) -> Iterator[Suite]:
    """A plan without programs."""
    yield Suite("empty", "no programs", iter(()))


@cache
def verdict_of(kind: str) -> Verdict:
    """One of `KINDS`; each is made once."""
    one_cause = partial(reported.verdict_of, "one cause")
    match kind:
        case "excused":
            return in_view_of(one_cause(), STANDS, IDLE)
        case "excused, one entry out of date":
            return in_view_of(one_cause(), STANDS, GONE)
        case "one excused, one not":
            other = replace(one_cause().deviations[0], rule=Rule.PUSH_1, seen_at=Rule.PUSH_1)
            found = replace(one_cause(), deviations=(*one_cause().deviations, other))
            known = in_view_of(found, STANDS)
            left = tuple(each for each in found.deviations if each.rule is Rule.PUSH_1)
            excused = tuple(each for each in known.excused if each.deviation not in left)
            return replace(known, deviations=left, excused=excused)
        case "part":
            return check(_forgets, REFERENCE, planner=few, shard=Shard(2, 3))
        case "inconclusive":
            found = reported.verdict_of("conforms")
            return replace(found, tally=replace(found.tally, cut="random"), certificates=())
        case "untested":
            return check(opener_of(StreamStateRegistry), REFERENCE, planner=nothing)
        case _:
            return reported.verdict_of(kind)


KINDS = (
    *reported.KINDS,
    *("excused", "excused, one entry out of date", "one excused, one not", "part", "untested"),
    "inconclusive",
)
