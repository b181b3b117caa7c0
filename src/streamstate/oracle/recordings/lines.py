"""A file as numbered lines, each read as a JSON object."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from functools import partial
from io import BufferedReader
from typing import BinaryIO, Final, NamedTuple, cast

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
    cut: bool


class Line(NamedTuple):
    """Line `number`, from 1."""

    number: int
    value: Mapping[str, Json] | Garbled


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """The lines of a file that is plain or compressed with gzip; blank ones are passed over.

    Holds one line at a time. Raises `OSError` where the file cannot be read.
    """
    for number, data in raw_lines(file):
        if isinstance(data, Garbled):
            yield Line(number, data)
        else:
            yield from read_line(number, data)


def raw_lines(file: BinaryIO) -> Iterator[tuple[int, bytes | Garbled]]:
    """The same lines as they stand there, the blank ones, too."""
    number = 0
    try:
        for number, data in enumerate(iter(partial(_plain(file).readline, LONGEST), b""), start=1):
            yield number, data
    except EOFError:
        yield number + 1, Garbled("", cut=True)
    except (gzip.BadGzipFile, zlib.error) as error:
        why = f"what is compressed there is damaged ({error})"
        yield number + 1, Garbled(why, cut=False)


def _plain(file: BinaryIO) -> BinaryIO:
    """The contents of the file, unpacked if need be."""
    buffered = file if isinstance(file, BufferedReader) else BufferedReader(file)  # type: ignore[type-var]  # any reader
    if buffered.peek(len(_GZIP))[: len(_GZIP)] == _GZIP:
        return cast(BinaryIO, gzip.GzipFile(fileobj=buffered))
    return cast(BinaryIO, buffered)


def read_line(number: int, data: bytes) -> Iterator[Line]:
    """What stands on that line; nothing if it is blank."""
    try:
        value = _decoded(data)
    except WireError as error:
        yield Line(number, Garbled(str(error), cut=False))
        return
    except (ValueError, RecursionError):
        if data.strip():
            yield Line(number, _garbled(data))
        return
    if type(value) is not dict:
        yield Line(
            number, Garbled(f"{shown(value)} is no JSON object, which was expected", cut=False)
        )
    elif b'"fill"' in data:
        yield _unfilled(number, value)
    else:
        yield Line(number, value)


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
        return Garbled(f"it is longer than {LONGEST:,} bytes", cut=False)
    if not data.endswith(b"\n"):
        return Garbled("", cut=True)
    start = quoted(data[:60].decode(errors="replace").strip())
    return Garbled(f"{start} is not JSON; expected one JSON object, in UTF-8", cut=False)


def _unfilled(number: int, value: Mapping[str, Json]) -> Line:
    try:
        unfilled = without_fills(value)
    except WireError as error:
        return Line(number, Garbled(str(error), cut=False))
    except RecursionError:
        return Line(number, Garbled(TOO_DEEP, cut=False))
    if not is_object(unfilled):
        return Line(number, Garbled(f"{shown(value)} is a chunk; expected a message", cut=False))
    return Line(number, unfilled)


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
