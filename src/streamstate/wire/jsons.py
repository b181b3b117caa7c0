"""JSON as the wire has it: read strictly, written in one canonical way, compared by exact type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What `json` reads."""


class WireError(ValueError):
    """Something is not in the wire form. The message says what, where, and what was expected."""


def read_json(text: str | bytes) -> Json:
    """The JSON value written in `text`.

    Raises `WireError` for text that is not JSON (NaN and Infinity are not), not UTF-8, nested too
    deep or with a number too long to read. O(length).
    """
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8")
        value: Json = json.loads(decoded, parse_constant=_no_constant)
    except RecursionError:
        raise WireError("the JSON is nested too deep") from None
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    if decoded.count("[") + decoded.count("{") > _DEEPEST and _is_deep(value):
        raise WireError("the JSON is nested too deep")
    return value


_DEEPEST: Final = 64
"""Levels of arrays and objects in what is read. No message of the protocol has ten."""


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: Json) -> Iterable[Json]:
    if is_object(value):
        return value.values()
    return value if is_array(value) else ()


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a JSON number")


# Built once: `json.dumps` with options builds an encoder at each call.
_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def compact(value: Json) -> str:
    """The canonical JSON text of `value`: no blanks, no escapes but those JSON asks for."""
    return _COMPACT.encode(value)


def shown(value: Json, most: int = 80) -> str:
    """`value` as ASCII JSON text, cut to `most` characters: fit for a message."""
    text = json.dumps(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def agrees(expected: Json, observed: Json) -> bool:
    """Whether an answer, as read from JSON, says what `expected` does.

    Types are exact: neither `true` nor `1.0` is `1`. Of objects (what `get` returns) the keys that
    both have are compared, in any order; there has to be one, so that something was shown. O(size).
    """
    if is_object(expected) and is_object(observed):
        shared = expected.keys() & observed.keys()
        return bool(shared) and all(agrees(expected[key], observed[key]) for key in shared)
    if is_array(expected) and is_array(observed):
        return len(expected) == len(observed) and all(map(agrees, expected, observed))
    return type(expected) is type(observed) and expected == observed


def is_object(value: Json) -> TypeGuard[Mapping[str, Json]]:
    """Whether it is a JSON object."""
    return isinstance(value, Mapping)


def is_array(value: Json) -> TypeGuard[Sequence[Json]]:
    """Whether it is a JSON array."""
    return isinstance(value, (list, tuple))
