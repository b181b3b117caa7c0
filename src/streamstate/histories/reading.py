"""Reading a history from a file."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from io import BufferedReader
from typing import BinaryIO, Final

from streamstate.histories.events import Call, History
from streamstate.histories.form import parse_call, parse_header
from streamstate.model import Dialect
from streamstate.oracle.recordings.lines import Garbled, Read, read_lines
from streamstate.wire import Json, WireError

_GZIP: Final = b"\x1f\x8b"
_HEADER: Final = re.compile(rb'\s*\{\s*"history"\s*:')


def is_history(file: BufferedReader) -> bool:
    """Whether a file, plain or compressed with gzip, begins as a history does. Reads nothing from
    it. Raises `OSError`."""
    begins = file.peek(1)
    if begins.startswith(_GZIP):
        try:
            begins = zlib.decompressobj(wbits=31).decompress(begins, 1 << 10)
        except zlib.error:
            return False
    return _HEADER.match(begins) is not None


def read_history(file: BinaryIO, dialect: Dialect | None = None) -> History:
    """The history in a file, plain or compressed with gzip, in `dialect` instead of its own if
    you give one. O(length).

    Raises `WireError`, which names the line, and `OSError`. A line that is cut off is an error,
    too: without the missing calls, the answers of others look wrong.
    """
    calls: list[Call] = []
    start = None
    for number, line in read_lines(file):
        try:
            value = _object(line)
            if start is None:
                start = parse_header(value, dialect)
            else:
                calls.append(parse_call(number, value))
        except WireError as error:
            raise WireError(f"line {number:,}: {error}") from None
    if start is None:
        raise WireError("the file is empty; expected a history")
    return History(start, calls)


def _object(line: Read) -> Mapping[str, Json]:
    if not isinstance(line, Garbled):
        return line
    missing = "it is cut off, and calls may be missing" if line.cut else "it is cut off"
    raise WireError(line.why or missing)
