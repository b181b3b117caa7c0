"""Tells whether all answers are wrong in the same way, so that one sentence can say it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from streamstate.oracle.verdict.comparing import is_to_be_told
from streamstate.oracle.verdict.deviation import Difference
from streamstate.wire import Json, is_array, is_object

_Shape: TypeAlias = tuple[object, ...]


def is_uniform(differences: Iterable[Difference]) -> bool:
    """Whether they differ in one way, and that way does not depend on which chunk or message is
    shown. A lost message is no such way, since it may have got lost earlier."""
    shapes = {_shape(each.expected, each.observed) for each in differences}
    return len(shapes) == 1 and None not in shapes


def _shape(expected: Json, observed: Json) -> _Shape | None:
    match expected, observed:
        case [wanted, [*should]], [got, [*did]]:
            if wanted != got:
                if is_object(got) and is_to_be_told(got.get("threw"), expected):
                    return ("returned", repr(wanted), "threw what was to be told")
                return ("returned", repr(wanted), repr(got))
            return _settled(should, did)
        case _:
            return None


def _settled(should: list[Json], did: list[Json]) -> _Shape | None:
    """How the outcomes differ; None if only in chunks or messages."""
    wanted, got = tuple(map(_outcome, should)), tuple(map(_outcome, did))
    if sorted(wanted) == sorted(got):
        return None if len(set(map(repr, should)) ^ set(map(repr, did))) else ("order",)
    if not got:
        return ("settled", *sorted(set(wanted)), "nothing")
    return ("settled", *sorted(set(wanted)), *sorted(set(got)))


def _outcome(item: Json) -> str:
    return str(item[1]) if is_array(item) and len(item) > 1 else repr(item)
