"""One tally of those of the shards of a plan: the one that driving the whole plan has.

Programs have the same numbers in every shard, so what depends on their order is put into that of
the plan: which one is the smallest of its cause, and which cause was seen first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from streamstate.model import Limits
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.campaign.driving import with_likely_mistakes
from streamstate.oracle.verdict.tally import Cause, Group, PastAnswers, Tally, summed


def merged(tallies: Sequence[Tally]) -> Tally:
    """The tally of all of them, at least one, in any order; without what was answered, see
    `past_of`. Where the exchange broke, none has programs after the first at which it did.

    O(groups + rules) for each.
    """
    broken = min((each for each in tallies if each.broken), key=broken_at, default=Tally())
    cut = min((each for each in tallies if each.cut), key=lambda each: each.last, default=Tally())
    whole = replace(
        summed(tallies),
        groups=_groups(tallies),
        broken=broken.broken,
        running=broken.running,
        following=broken.following,
        last=max(each.last for each in tallies),
        cut=cut.cut,
    )
    return with_likely_mistakes(whole)


def broken_at(tally: Tally) -> int:
    """The number of the program at which the exchange broke, 0 where that was before any."""
    return 0 if tally.running is None else tally.running.seq


def without_past(tally: Tally) -> Tally:
    """The tally as it is sent elsewhere: of the programs that were answered wrongly only the
    numbers and the answers, which is enough for `past_of`."""
    for past in tally.past.values():
        past.right.clear()
        past.answered = [each._replace(program=()) for each in past.answered]
    return tally


def past_of(
    requests: Iterable[Request], tallies: Sequence[Tally]
) -> dict[Limits | None, PastAnswers]:
    """What came of all programs of these requests, those that the tallies count, in the order of
    the plan. O(requests)."""
    known: dict[Limits | None, tuple[set[int], dict[int, bytes]]] = {}
    for limits, past in chain.from_iterable(each.past.items() for each in tallies):
        numbers, lines = known.setdefault(limits, (set(), {}))
        numbers.update(past.numbers)
        lines.update((each.seq, each.line) for each in past.answered)
    whole: dict[Limits | None, PastAnswers] = {}
    for request in requests:
        numbers, lines = known.get(request.limits, (set(), {}))
        is_right = request.seq not in numbers
        past = whole.setdefault(request.limits, PastAnswers())
        past.note(request, lines.get(request.seq), right=is_right)
    return whole


def _groups(tallies: Iterable[Tally]) -> dict[Cause, Group]:
    groups: dict[Cause, Group] = {}
    for cause, group in chain.from_iterable(each.groups.items() for each in tallies):
        other = groups.get(cause)
        groups[cause] = group if other is None else _both(group, other)
    return dict(sorted(groups.items(), key=lambda each: each[1].first))


def _both(one: Group, other: Group) -> Group:
    return Group(
        min(one.smallest, other.smallest, key=lambda each: (each.size, each.seq)),
        one.programs + other.programs,
        min(one.first, other.first),
    )
