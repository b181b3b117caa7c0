"""At which of several ops done together an answer differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streamstate.model import CancelPull, Get, Rule
from streamstate.oracle.programs.graph import Link
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.oracle.verdict.deviation import Difference, Kind
from streamstate.wire import Json, Taken, Together, Turn, agrees, is_array


def rule_within(link: Link, turn: Turn, difference: Difference) -> Rule | None:
    """The rule of the op at which the answer to a turn differs, of a view that of the op before it.

    None where it is that of the whole turn: of one op, or of several with a cancel among them,
    which then is what tells; or where a view shows what an earlier turn did.
    """
    if not isinstance(turn, Together) or any(isinstance(op, CancelPull) for op in turn.ops):
        return None
    at = _at(link.taken, difference)
    if difference.kind is Kind.VIEW:
        while at >= 0 and isinstance(turn.ops[at], Get):
            at -= 1
    return link.taken[at].rule if at >= 0 else None


def _at(taken: Sequence[Taken], difference: Difference) -> int:
    """The first op that returned something else, else that which settles the first pull of which
    something else is told; the last one where nothing is told apart."""
    for at, (wanted, got) in enumerate(_returned(difference)):
        if not agrees(wanted, got):
            return at
    wanted_settled, got_settled = map(settled_in, (difference.expected, difference.observed))
    for place, item in enumerate(wanted_settled):
        if place >= len(got_settled) or not agrees(item, got_settled[place]):
            return next(at for at, each in enumerate(taken) if _settles(each, item))
    return len(taken) - 1


def _returned(difference: Difference) -> Iterator[tuple[Json, Json]]:
    match difference.expected, difference.observed:
        case [wanted, _], [got, _] if is_array(wanted) and is_array(got):
            yield from zip(wanted, got, strict=False)


def _settles(taken: Taken, item: Json) -> bool:
    return any(agrees(each, item) for each in settled_in(taken.json))
