"""What is said beside a verdict: which part of the plan it is about, and what was known before."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import assert_never

from streamstate.oracle.campaign import Tally
from streamstate.oracle.known import Known
from streamstate.oracle.plan import WHOLE, Shard
from streamstate.oracle.reckoning import Changed, Gone, Reckoning, Standing, Stands, Unanswered
from streamstate.oracle.terminal import WIDTH, Line, Style
from streamstate.oracle.words import clean
from streamstate.wire import Json


def proviso_lines(reckoning: Reckoning | None) -> Iterator[Line]:
    """What the first line of a verdict is to be read with, where known deviations are excused."""
    if reckoning is not None and reckoning.excused:
        count = len(reckoning.excused)
        yield Line(f"But for {count} known deviation{'s' * (count != 1)}:")


def aside_lines(tally: Tally, shard: Shard, reckoning: Reckoning | None) -> Iterator[Line]:
    """The lines of the screen for all of it; none for an ordinary run of the whole plan."""
    for mistake, programs in tally.mistakes.most_common():
        yield from _wrapped(f"Is it the adapter? {mistake.value} ({programs:,} programs)")
    if shard != WHOLE:
        yield Line(f"This is part {shard.number} of {shard.of} of the plan.")
    if tally.cut is not None:
        yield from _wrapped(
            f"The time was over in the suite {tally.cut!r}: the rest of it, and what comes after"
            " it in the plan, was not run."
        )
    if reckoning is not None:
        yield from _known_lines(reckoning)


def _wrapped(text: str, style: Style = "") -> Iterator[Line]:
    indent = " " * (4 if text.startswith(" ") else 0)
    for line in wrap(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ):
        yield Line(line, style)


def _known_lines(reckoning: Reckoning) -> Iterator[Line]:
    standing = [each for each in reckoning.standings if isinstance(each, Stands)]
    yield Line(f"Known deviations: {len(standing)} of {len(reckoning.standings)} stand.")
    for each in standing:
        reason = clean(each.known.reason)
        url = "" if each.known.url is None else f" ({clean(each.known.url)})"
        yield from _wrapped(f"  {_named(each.known)}: {reason}{url}")
    for outdated in reckoning.outdated:
        yield from _wrapped(f"  {_named(outdated.known)}: {_why(outdated)}", "bad")


def _named(known: Known) -> str:
    return f"{known.rule.name} ({clean(known.where)})"


def _why(standing: Standing) -> str:
    match standing:
        case Stands():
            return "its program deviates as it says."
        case Gone():
            return "its program does not deviate any more; take the entry out."
        case Changed(_, difference):
            return f"its program deviates in another way now: {difference.kind.value}."
        case Unanswered():
            return "its program was not answered."
        case _:
            assert_never(standing)


def aside_json(shard: Shard, reckoning: Reckoning | None) -> dict[str, Json]:
    """The same for the JSON report."""
    return {
        "shard": None if shard == WHOLE else {"number": shard.number, "of": shard.of},
        "known": None
        if reckoning is None
        else [_known_json(reckoning, each) for each in reckoning.standings],
    }


def _known_json(reckoning: Reckoning, standing: Standing) -> Json:
    known = standing.known
    excused = [each.rule.name for each, entry in reckoning.excused if entry is known]
    return {
        "where": known.where,
        "rule": known.rule.name,
        "reason": known.reason,
        "url": known.url,
        "standing": type(standing).__name__.lower(),
        "excuses": excused,
    }
