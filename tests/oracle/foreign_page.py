"""The page docs/reference/other-implementations.md, as far as it is made from the rows.

`python -m tests.oracle.foreign_page NAME …` measures those implementations anew (`all`: all that
are there), puts what they do into their rows, and makes the page. Without a name it makes the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from streamstate.model import POLICIES, Dialect, pushes_wait
from streamstate.wire import Json, compact
from tests.oracle.foreign_rows import Behaviour, Row, Shortest, measured, rows, write

PAGE: Final = (
    Path(__file__).parent.parent.parent / "docs" / "reference" / "other-implementations.md"
)
_ADAPTERS: Final = "../../tests/implementations"


def made(page: str, known: Sequence[Row]) -> str:
    """The page with the parts made anew that stand between its marks."""
    parts = {"matrix": _matrix(known), "neighbours": _neighbours(known), "rows": _sections(known)}
    for name, lines in parts.items():
        before, start, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        if not start or not end:
            raise ValueError(f"the page has no part {name}")
        page = before + start + "\n".join(lines) + "\n" + end + after
    return page


def _matrix(known: Iterable[Row]) -> Iterator[str]:
    heads = ("implementation", "language", *POLICIES, "lacks", "cancelled pull", "leaves in")
    yield from _head(heads)
    for row in known:
        did = row.known.behaviour
        policies = (_values(field, did.fields[field]) for field in POLICIES)
        yield _line(
            f"[{row.name}](#{_anchor(row.name)})",
            row.known.language,
            *policies,
            ", ".join(did.lacks) or "nothing",
            cancelled(row),
            _rules(row),
        )


def _rules(row: Row) -> str:
    did = row.known.behaviour
    rules = sorted({each.rule for each in did.differences})
    return ", ".join([*rules, *(f"order at {op}" for op in did.unordered)]) or "nothing"


def _values(field: str, fitting: Sequence[str]) -> str:
    return "cannot tell" if len(fitting) == len(POLICIES[field]) else " or ".join(fitting)


def cancelled(row: Row) -> str:
    """What becomes of the chunk of a pull that is given up, each way to do that with its name."""
    did = row.known.behaviour
    told = "; ".join(f"{fate} {way}".strip() for way, fate in did.cancelled.items())
    # A push that is a task begins after the cancel, so nothing is asked of it.
    waits = pushes_wait(Dialect.parse(did.nearest))
    return told or ("as in the row whose push does not wait" if waits else "no way to")


def _neighbours(known: Iterable[Row]) -> Iterator[str]:
    """Which differ in one field alone."""
    yield from _head(("field", "its values", "alike in"))
    for field, alike, apart in apart_in_one(known):
        values = (f"`{value}`: {', '.join(names)}" for value, names in apart.items())
        rest = ", ".join(f"`{name}={value}`" for name, value in alike.items())
        yield _line(f"`{field}`", "; ".join(values), rest)


_Told: TypeAlias = Mapping[str, str]


def apart_in_one(known: Iterable[Row]) -> Iterator[tuple[str, _Told, Mapping[str, list[str]]]]:
    """For each field, and each choice of values for the others that can be told: who is there, by
    the value of the field. Only where there are two values at least."""
    told = {row.name: _told(row) for row in known}
    for field in POLICIES:
        places: dict[tuple[tuple[str, str], ...], dict[str, list[str]]] = {}
        for name, values in told.items():
            if field in values:
                rest = tuple((each, value) for each, value in values.items() if each != field)
                places.setdefault(rest, {}).setdefault(values[field], []).append(name)
        for rest, apart in places.items():
            if len(apart) > 1:
                yield field, dict(rest), apart


def _told(row: Row) -> _Told:
    """The fields that can be told, each with its value."""
    fields = row.known.behaviour.fields.items()
    return {field: fitting[0] for field, fitting in fields if len(fitting) == 1}


def _sections(known: Iterable[Row]) -> Iterator[str]:
    for row in known:
        yield from ("", f"### {row.name}", "", row.comes_to, "")
        seen = row.known
        needs = f"; `{row.install}`" if row.install else ""
        yield (
            f"Version {seen.version}, last run on {seen.date};"
            f" [adapter]({_ADAPTERS}/{row.adapter}){needs}."
            f" Nearest dialect: `{seen.behaviour.nearest}`. A chunk whose pull is given up:"
            f" {cancelled(row)}.{_limits(seen.behaviour)}"
        )
        yield ""
        yield from _head(("op", "is"))
        yield from (_line(op, text) for op, text in row.ops.items())
        if seen.behaviour.differences:
            yield ""
            yield from _head(("rule", "shortest program", "expected", "observed"))
            yield from map(_difference, seen.behaviour.differences)


def _limits(did: Behaviour) -> str:
    if did.limits is None:
        return ""
    size, count = did.limits["high_water_mark"], did.limits["max_queue_chunks"]
    if size < count:
        return f" It counts bytes and no chunks, and is full with {size:,}."
    return f" It counts chunks and no bytes, and is full with {count}."


def _difference(each: Shortest) -> str:
    return _line(
        each.rule, *(f"`{text}`" for text in (said(each.program), each.expected, each.observed))
    )


def said(program: Json) -> str:
    """A program in short: what each op is, without numbers; what comes again and again, once."""
    assert isinstance(program, list)
    words = [_word(op) for op in program]
    parts: list[str] = []
    at = 0
    while at < len(words):
        for length in (1, 2):
            pattern, times = words[at : at + length], 1
            while words[at + times * length :][:length] == pattern:
                times += 1
            if times > 2:
                parts.append(f"{times} times ({', '.join(pattern)})")
                at += times * length
                break
        else:
            parts.append(words[at])
            at += 1
    return ", ".join(parts)


def _word(op: Json) -> str:
    match op:
        case ["push", _, {"size": size}]:
            return f"push {size}"
        case ["push", _, str(chunk)]:
            return f"push {len(chunk) // 4 * 3 - chunk.count('=')}"
        case [str(name), *_]:
            return name
        case _:
            raise ValueError(f"{compact(op)} is no op")


def _anchor(title: str) -> str:
    """What a heading is linked to as."""
    kept = (each for each in title.lower() if each.isalnum() or each in "-_ ")
    return "".join(kept).replace(" ", "-")


def _head(cells: Sequence[str]) -> Iterator[str]:
    yield _line(*cells)
    yield _line(*("---" for _ in cells))


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(names: Sequence[str]) -> None:
    """Measure those that are named, and make the page."""
    known = []
    for row in rows():
        command = row.command
        if command is not None and (row.name in names or names == ["all"]):
            known.append(measured(row, command))
            write(known[-1])
            print(known[-1].name, known[-1].known.behaviour.nearest, cancelled(known[-1]))
        else:
            known.append(row)
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8"), known), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
