"""Known deviations: a file that lists what is accepted, and why.

A TOML file of `[[deviation]]` tables. What an entry excuses is for `known_deviations` to say.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from streamstate.oracle.programs.program import with_fills
from streamstate.oracle.verdict.known import Known, known_of
from streamstate.wire import Json, compact, encode_limits, is_array, is_object

_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*deviation[ \t]*\]\]", re.MULTILINE)


def parse_known(text: str, file: str) -> tuple[Known, ...]:
    """The entries of a file with that text. Raises `ValueError`, which names the entry that is
    wrong and what was expected."""
    try:
        return _entries(_tables(text, file), text, file)
    except RecursionError:
        raise ValueError(f"{file}: something in it is nested too deeply") from None


def _tables(text: str, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file} is not TOML: {error}") from None
    except ValueError:  # what else Python raises is about a number that it does not read
        raise ValueError(f"{file}: a number in it is too long to read") from None


def _entries(tables: Mapping[str, object], text: str, file: str) -> tuple[Known, ...]:
    for key in tables:
        if key != "deviation":
            raise ValueError(f"{file}: unknown key {key!r}; expected [[deviation]] tables")
    entries = tables.get("deviation", [])
    if not isinstance(entries, list):
        raise ValueError(f"{file}: deviation is not a list; expected [[deviation]] tables")
    places = _places(text, file, len(entries))
    return tuple(_entry(each, where) for each, where in zip(entries, places, strict=True))


def _places(text: str, file: str, entries: int) -> list[str]:
    """A name for each entry: by its line if that can be found, else by its number."""
    lines = [text.count("\n", 0, header.start()) + 1 for header in _HEADER.finditer(text)]
    if len(lines) == entries:
        return [f"{file}, line {line}" for line in lines]
    return [f"{file}, deviation {number}" for number in range(1, entries + 1)]


def _entry(value: object, where: str) -> Known:
    """The entry of a table as TOML has it."""
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected a [[deviation]] table, not {value!r}")
    try:
        compact(value)
    except TypeError:
        raise ValueError(f"{where}: it holds a date or time, which JSON has not") from None
    except ValueError:  # hexadecimal numbers of any length are read, but not written in decimal
        raise ValueError(f"{where}: a number in it is too long to read") from None
    return known_of(value, where)


def known_text(known: Iterable[Known]) -> str:
    """The text of the file that lists those entries. An empty reason is for somebody to fill in:
    `check` does not read the file before."""
    return "\n".join("".join(_toml(each)) for each in known)


def _toml(known: Known) -> Iterator[str]:
    yield "[[deviation]]\n"
    yield f"rule = {_inline(known.rule.name)}\n"
    if known.kind is not None:
        yield f"kind = {_inline(known.kind.name.lower())}\n"
    yield "program = [\n"
    yield from (f"  {_inline(with_fills(op))},\n" for op in known.program)
    yield "]\n"
    if known.limits is not None:
        pairs = ", ".join(f"{key} = {size}" for key, size in encode_limits(known.limits).items())
        yield f"limits = {{ {pairs} }}\n"
    if known.dialect is not None:
        yield f"dialect = {_inline(str(known.dialect))}\n"
    yield f"reason = {_inline(known.reason)}\n"
    if known.url is not None:
        yield f"url = {_inline(known.url)}\n"


def _inline(value: Json) -> str:
    """Strings and numbers as JSON has them: TOML reads these, but for DEL."""
    if is_object(value):
        return "{ " + ", ".join(f"{key} = {_inline(each)}" for key, each in value.items()) + " }"
    if is_array(value):
        return f"[{','.join(map(_inline, value))}]"
    return compact(value).replace("\x7f", "\\u007f")
