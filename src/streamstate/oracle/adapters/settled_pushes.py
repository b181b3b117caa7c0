"""How pushes that waited are said to have settled: read strictly, and put after the pulls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from streamstate.wire import MAX_ID, Json, ends_apart, is_array, shown

_EXPECTED: Final = (
    'expected ["push",number,"accepted"] or ["push",number,"turned_away",message],'
    " numbered 1, 2, 3 … in the order in which pushes began to wait"
)


def misread(trace: Sequence[Json], late: Sequence[Json]) -> str | None:
    """What is wrong with the first settlement of a push that is none, as a sentence."""
    for where, settled in _lists(trace, late):
        for item in settled:
            if is_array(item) and item[:1] == ["push"] and not _is_settlement(item):
                return f"{where} settled {shown(item)}; {_EXPECTED}"
    return None


def _lists(trace: Sequence[Json], late: Sequence[Json]) -> Iterator[tuple[str, Sequence[Json]]]:
    for at, answer in enumerate(trace):
        if is_array(answer) and is_array(answer[1]):
            yield f"trace[{at}]", answer[1]
    yield "late", late


def _is_settlement(item: Sequence[Json]) -> bool:
    match item:
        case ["push", int(push), "accepted"] | ["push", int(push), "turned_away", str()]:
            return not isinstance(push, bool) and 0 < push <= MAX_ID
        case _:
            return False


def pulls_first(answer: Json) -> Json:
    """An answer as the model writes it: who noticed first, at either end, means nothing."""
    match answer:
        case [returned, settled] if is_array(settled):
            return [returned, ends_apart(list(settled))]
        case _:
            return answer
