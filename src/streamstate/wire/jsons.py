"""JSON as the wire has it: read strictly, written in one canonical way, compared by exact type."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from json import encoder
from math import isfinite
from typing import Final, TypeAlias, TypeGuard

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What `json` reads."""


class WireError(ValueError):
    """Something is not in the wire form. The message says what, where, and what was expected."""


def read_json(text: str | bytes) -> Json:
    """The JSON value written in `text`.

    Raises `WireError` for text that is not JSON (NaN and Infinity are not), not UTF-8, nested too
    deep, with a key twice in an object or with a number too large to read. O(length).
    """
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8")
        value: Json = STRICT.decode(decoded)
    except RecursionError:
        raise WireError("the JSON is nested too deeply") from None
    except WireError:
        raise
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from None
    if decoded.count("[") + decoded.count("{") > _DEEPEST and _is_deep(value):
        raise WireError("the JSON is nested too deeply")
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
    """What is in an array or object and may hold something itself."""
    values = value.values() if is_object(value) else value if is_array(value) else ()
    return [each for each in values if isinstance(each, (list, dict))]


def no_constant(name: str) -> Json:
    """Raise `ValueError` for NaN and Infinity, which Python would read."""
    raise ValueError(f"{name} is not a JSON number")


def finite(text: str) -> float:
    """The number that is written there. Raises `WireError` for one that is infinite."""
    number = float(text)
    if not isfinite(number):  # which no JSON text can say, so no report could
        raise WireError(f"{_cut(text)} is too large a number")
    return number


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Readers differ in which of two values of one key they take, so there is no telling what was
    said."""
    read = dict(pairs)
    if len(read) != len(pairs):
        times = Counter(key for key, _ in pairs)
        raise WireError(f"an object has the key {shown(max(times, key=times.__getitem__))} twice")
    return read


STRICT: Final = json.JSONDecoder(
    parse_constant=no_constant, parse_float=finite, object_pairs_hook=_object
)
"""Reads as `read_json` does, save that it minds no depth."""

# Both are built once: `json.dumps` with options builds an encoder at each call.
_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)


def _maker() -> Callable[[Json, int], Iterable[str]]:
    """What `_COMPACT.encode` makes anew at each call. Most texts are short, and it takes two thirds
    of the time that they take."""
    make = encoder.c_make_encoder  # type: ignore[attr-defined]  # None where it is not written in C
    if make is None:
        return lambda value, _: _COMPACT.iterencode(value)
    of_text = encoder.encode_basestring
    made: Callable[[Json, int], Iterable[str]] = make(
        *(None, _COMPACT.default, of_text, None, ":", ","), False, False, True
    )
    return made


_pieces: Final = _maker()


def compact(value: Json) -> str:
    """The canonical JSON text of `value`: no blanks, no escapes but those JSON asks for, and one
    for each half of a surrogate pair, which UTF-8 cannot say."""
    text = "".join(_pieces(value, 0))
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(value: Json, most: int = 80) -> str:
    """`value` as ASCII JSON text, cut to `most` characters: fit for a message."""
    return _cut(json.dumps(value), most)


def _cut(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def agrees(expected: Json, observed: Json) -> bool:
    """Whether an answer, as read from JSON, says what `expected` does.

    Types are exact: neither `true` nor `1.0` is `1`. Of objects (what `get` returns) the keys that
    both have are compared, in any order; there has to be one, so that something was shown. O(size).
    """
    if is_array(expected):
        if not is_array(observed) or len(expected) != len(observed):
            return False
        return all(map(agrees, expected, observed))
    if type(expected) is type(observed) and not is_object(expected):
        return expected == observed
    if is_object(expected) and is_object(observed):
        shared = expected.keys() & observed.keys()
        return bool(shared) and all(agrees(expected[key], observed[key]) for key in shared)
    return False


def is_object(value: Json) -> TypeGuard[Mapping[str, Json]]:
    """Whether it is a JSON object."""
    return isinstance(value, Mapping)


def is_array(value: Json) -> TypeGuard[Sequence[Json]]:
    """Whether it is a JSON array."""
    return isinstance(value, (list, tuple))
