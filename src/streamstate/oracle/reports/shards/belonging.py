"""Whether verdicts belong together: of one plan and one implementation, and every shard once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from streamstate.oracle.adapters.implementation import Hello
from streamstate.oracle.reports.shards.fields import ReportError
from streamstate.oracle.verdict.verdict import Verdict

_MOST_NAMED: Final = 5


class Part(NamedTuple):
    """The verdict on one shard, and the file that it was read from."""

    file: str
    verdict: Verdict


def _listed(verdict: Verdict) -> str:
    if verdict.standings is None:
        return "none"
    return ", ".join(f"{each.known.rule.name} ({each.known.where})" for each in verdict.standings)


_SAME: Final[tuple[tuple[str, Callable[[Verdict], object]], ...]] = (
    ("number of shards", lambda verdict: verdict.shard.of),
    ("dialect", lambda verdict: verdict.dialect),
    ("seed", lambda verdict: verdict.seed),
    ("extra states", lambda verdict: verdict.extra_states),
    ("list of known deviations", _listed),
)
"""What all reports have to agree on, and its name."""

_SAME_HELLO: Final[tuple[tuple[str, Callable[[Hello], object]], ...]] = (
    ("implementation", lambda hello: f"{hello.name} {hello.version} ({hello.language})"),
    ("capabilities", lambda hello: ", ".join(sorted(hello.capabilities)) or "none"),
    ("settle", lambda hello: "exact" if hello.exact else "best-effort"),
)
"""The same of what implementations say of themselves."""


def require_one_plan(parts: Sequence[Part]) -> None:
    """Raise `ReportError` naming two reports that are not of one plan and one implementation. One
    that never introduced itself may be any."""
    for what, told in _SAME:
        _require_same(what, [(part.file, told(part.verdict)) for part in parts])
    known = [(part.file, hello) for part in parts if (hello := part.verdict.hello) is not None]
    for what, said in _SAME_HELLO:
        _require_same(what, [(file, said(hello)) for file, hello in known])


def _require_same(what: str, said: Sequence[tuple[str, object]]) -> None:
    for (file, mine), (other, theirs) in pairwise(said):
        if mine != theirs:
            raise ReportError(f"{file} and {other} differ in {what}: {mine} and {theirs}")


def require_every_shard(ordered: Sequence[Part]) -> None:
    """Raise `ReportError` where a shard is missing or there twice. `ordered` is by shard, and all
    are of one plan."""
    for mine, theirs in pairwise(ordered):
        if mine.verdict.shard == theirs.verdict.shard:
            number, of = mine.verdict.shard
            raise ReportError(f"{mine.file} and {theirs.file} are both of shard {number}/{of}")
    of = ordered[0].verdict.shard.of
    if len(ordered) == of:
        return
    there = {part.verdict.shard.number for part in ordered}
    missing = [f"{number}/{of}" for number in range(1, of + 1) if number not in there]
    more = f" and {len(missing) - _MOST_NAMED} more" * (len(missing) > _MOST_NAMED)
    names = ", ".join(missing[:_MOST_NAMED])
    raise ReportError(f"{ordered[0].file} needs the reports of the other shards: {names}{more}")
