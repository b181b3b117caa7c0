"""A file as numbered lines, each read as a JSON object."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from functools import partial
from io import BufferedReader
from typing import BinaryIO, Final, NamedTuple, TypeAlias, cast

from streamstate.wire import Json, WireError, is_array, is_object, shown, without_fills
from streamstate.wire.in_words import quoted
from streamstate.wire.jsons import STRICT, finite, no_constant

LONGEST: Final = 1 << 28
"""The most bytes of a line: the check holds a line in memory."""

TOO_DEEP: Final = "its JSON is nested too deeply"

_GZIP: Final = b"\x1f\x8b"


class Garbled(NamedTuple):
    """A line that is not JSON. `cut`: it is the last, and its end is missing."""

    why: str
    cut: bool = False


Read: TypeAlias = Mapping[str, Json] | Garbled
"""What stands on a line."""


def read_lines(file: BinaryIO) -> Iterator[tuple[int, Read]]:
    """The lines of a file that is plain or compressed with gzip, each with its number, from 1;
    blank ones are passed over.

    Holds one line at a time. Raises `OSError` where the file cannot be read.
    """
    for number, data in raw_lines(file):
        value = data if isinstance(data, Garbled) else read_line(data)
        if value is not None:
            yield number, value


def raw_lines(file: BinaryIO) -> Iterator[tuple[int, bytes | Garbled]]:
    """The same lines as they stand there, the blank ones, too."""
    number = 0
    try:
        for number, data in enumerate(iter(partial(_plain(file).readline, LONGEST), b""), start=1):
            yield number, data
    except EOFError:
        yield number + 1, Garbled("", cut=True)
    except (gzip.BadGzipFile, zlib.error) as error:
        yield number + 1, Garbled(f"what is compressed there is damaged ({error})")


def _plain(file: BinaryIO) -> BinaryIO:
    """The contents of the file, unpacked if need be."""
    buffered = file if isinstance(file, BufferedReader) else BufferedReader(file)  # type: ignore[type-var]  # any reader
    if buffered.peek(len(_GZIP))[: len(_GZIP)] == _GZIP:
        return cast(BinaryIO, gzip.GzipFile(fileobj=buffered))
    return cast(BinaryIO, buffered)


def read_line(data: bytes) -> Read | None:
    """What stands on that line; None if it is blank."""
    try:
        value = _decoded(data)
    except WireError as error:
        return Garbled(str(error))
    except (ValueError, RecursionError):
        return _garbled(data) if data.strip() else None
    if type(value) is not dict:
        return Garbled(f"{shown(value)} is no JSON object, which was expected")
    return _unfilled(value) if b'"fill"' in data else value


def _decoded(data: bytes) -> Json:
    """The JSON object on the line. If it has as many colons as keys, no key is there twice;
    otherwise the slower reader makes sure."""
    text = data.decode()
    value: Json = _QUICK.decode(text)
    if type(value) is dict and len(value) == data.count(b":"):
        return value
    return cast(Json, STRICT.decode(text))


_QUICK: Final = json.JSONDecoder(parse_constant=no_constant, parse_float=finite)
"""`STRICT` takes a third longer, as it calls Python for each object."""


def _garbled(data: bytes) -> Garbled:
    if len(data) == LONGEST and not data.endswith(b"\n"):
        return Garbled(f"it is longer than {LONGEST:,} bytes")
    if not data.endswith(b"\n"):
        return Garbled("", cut=True)
    start = quoted(data[:60].decode(errors="replace").strip())
    return Garbled(f"{start} is not JSON; expected one JSON object, in UTF-8")


def _unfilled(value: Mapping[str, Json]) -> Read:
    try:
        unfilled = without_fills(value)
    except WireError as error:
        return Garbled(str(error))
    except RecursionError:
        return Garbled(TOO_DEEP)
    if not is_object(unfilled):
        return Garbled(f"{shown(value)} is a chunk; expected a message")
    return unfilled


def require_flat(value: Json, most: int = 8) -> None:
    """Raise `WireError` for a value that is nested deeper than any answer, so that a message can
    show it."""
    if is_object(value):
        value = list(value.values())
    if is_array(value):
        if most == 0:
            raise WireError(TOO_DEEP)
        for each in value:
            require_flat(each, most - 1)
