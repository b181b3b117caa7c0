"""Where an implementation's answers first differ from what was expected, and in which way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from streamstate.oracle.adapters.implementation import Reply
from streamstate.oracle.verdict.deviation import Difference, Kind
from streamstate.wire import Json, agrees, is_array, is_object


def first_difference(expected: Sequence[Json], reply: Reply, *, exact: bool) -> Difference | None:
    """The first difference of a reply, or None if it conforms.

    If the adapter does not wait until its implementation is quiet (`exact` is false), a pull may
    settle later than expected, as long as it settles in the expected way and order. O(length).
    """
    if reply.failed is not None:
        at = len(expected) - 1
        wanted = expected[at] if expected else None
        return Difference(at, Kind.FAILED, "", wanted, reply.failed)
    if not exact and _conforms_but_for_time(expected, reply):
        return None
    for at, (wanted, got) in enumerate(zip(expected, reply.trace, strict=True)):
        if not agrees(wanted, got):
            later = [
                item
                for answer in reply.trace[at + 1 :]
                for item in settled_in(answer)
                if not _is_of_a_push(item)  # a later op may well have made room for it
            ]
            kind, detail = _classify(wanted, got, (*later, *reply.late))
            return Difference(at, kind, detail, wanted, got)
    if reply.late:
        at = len(expected) - 1
        wanted = expected[at] if expected else [None, []]
        return Difference(at, Kind.LATE, "unexpected", wanted, [None, list(reply.late)])
    return None


def told_difference(told: Sequence[Json], reply: Reply, *, exact: bool) -> Difference | None:
    """The first difference in the answers to a program, or to its first ops."""
    if reply.failed is None and len(told) < len(reply.trace):
        reply = replace(reply, trace=reply.trace[: len(told)], late=())
    return first_difference(told, reply, exact=exact)


_MOST_CHARACTERS: Final = 4_096
_MOST_ITEMS: Final = 2_000
_DEEPEST: Final = 8


def abridged(difference: Difference, longest: int) -> Difference:
    """The difference with its observed answer cut, if that is nested much deeper, has many more
    parts, or has strings much longer than `longest`, which is what the program itself has: the
    oracle keeps thousands of differences, and an answer may be as long as a line. O(size)."""
    cut = shortened(difference.observed, longest + _MOST_CHARACTERS, _MOST_ITEMS, _DEEPEST)
    return replace(difference, observed=cut)


def shortened(value: Json, characters: int, items: int, deepest: int) -> Json:
    """`value` with … for what is nested deeper or goes on for longer. O(size)."""
    if isinstance(value, str):
        return value if len(value) <= characters else f"{value[:characters]}…"
    if is_array(value) and deepest:
        inner = [shortened(each, characters, items, deepest - 1) for each in value[:items]]
        return inner if len(value) <= items else [*inner, "…"]
    if is_object(value) and deepest:
        kept = islice(value.items(), items)
        return {
            key[:characters]: shortened(each, characters, items, deepest - 1) for key, each in kept
        }
    return "…" if is_array(value) or is_object(value) else value


def _conforms_but_for_time(expected: Sequence[Json], reply: Reply) -> bool:
    """Whether only the moments differ, and no pull settled before it should."""
    wanted_so_far: list[Json] = []
    got_so_far: list[Json] = []
    for wanted, got in zip(expected, reply.trace, strict=True):
        if not agrees(returned_in(wanted), returned_in(got)):
            return False
        wanted_so_far += settled_in(wanted)
        got_so_far += settled_in(got)
        if not agrees(wanted_so_far[: len(got_so_far)], got_so_far):
            return False
    return agrees(wanted_so_far, [*got_so_far, *reply.late])


def returned_in(answer: Json) -> Json:
    """What the op of an answer returned."""
    return answer[0] if is_array(answer) and answer else None


def settled_in(answer: Json) -> Sequence[Json]:
    """The pulls that settled in an answer."""
    if is_array(answer) and len(answer) == 2 and is_array(answer[1]):
        return answer[1]
    return ()


def is_to_be_told(message: Json, expected: Json) -> bool:
    """Whether it is the error with which a pull is rejected in that answer."""
    settled = settled_in(expected)
    return any(is_array(each) and each[1:] == ["error", message] for each in settled)


def _classify(wanted: Json, got: Json, later: Sequence[Json]) -> tuple[Kind, str]:
    wanted_returned, got_returned = _first_returned(returned_in(wanted), returned_in(got))
    if not agrees(wanted_returned, got_returned):
        if is_object(got_returned) and "threw" in got_returned:
            return Kind.THREW, ""
        if is_object(wanted_returned) or is_object(got_returned):
            return Kind.VIEW, _differing_keys(wanted_returned, got_returned)
        return Kind.RETURNED, ""
    return _classify_settled(settled_in(wanted), settled_in(got), later)


def _first_returned(wanted: Json, got: Json) -> tuple[Json, Json]:
    """What each of the two returned; for ops done together, the first two values that differ."""
    if is_array(wanted) and is_array(got) and len(wanted) == len(got):
        pairs = zip(wanted, got, strict=True)
        return next(
            ((each, other) for each, other in pairs if not agrees(each, other)), (None, None)
        )
    return wanted, got


def _differing_keys(wanted: Json, got: Json) -> str:
    if not is_object(wanted):
        return "known"
    if not is_object(got):
        return "unknown"
    return ", ".join(key for key in wanted if key in got and not agrees(wanted[key], got[key]))


def _classify_settled(
    wanted: Sequence[Json], got: Sequence[Json], later: Sequence[Json]
) -> tuple[Kind, str]:
    absent = [item for item in wanted if not _holds(got, item)]
    surplus = [item for item in got if not _holds(wanted, item)]
    if not absent and not surplus:
        more = len(got) - len(wanted)
        return (Kind.EXTRA, "twice") if more > 0 else (Kind.ORDER, "")
    if not surplus:
        late = any(_holds(later, item) for item in absent)
        return (Kind.LATE, "") if late else (Kind.MISSING, _outcome(absent[0]))
    if not absent:
        return Kind.EXTRA, _outcome(surplus[0])
    return Kind.OUTCOME, f"{_outcome(absent[0])} became {_outcome(surplus[0])}"


def _holds(items: Sequence[Json], wanted: Json) -> bool:
    return any(agrees(item, wanted) for item in items)


def _is_of_a_push(item: Json) -> bool:
    """Whether it says how a push settled."""
    return is_array(item) and item[:1] == ["push"]


def _outcome(item: Json) -> str:
    """The way in which a pull settled."""
    if is_array(item) and len(item) >= 2 and isinstance(item[1], str):
        return item[1]
    return "something else"
