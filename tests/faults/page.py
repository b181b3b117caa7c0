"""The tables of docs/reference/broken-implementations.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from tests.faults import before_page
from tests.faults.catalogue import faults
from tests.faults.fault import Fault, Group, Mode
from tests.faults.judging import Judged
from tests.faults.rows import Accepted, Row, Rows
from tests.faults.summary import Asked, Sums, add_up, asked
from tests.faults.unseen import NOT_ASKED, ONLY_IN_VIEWS

PAGE: Final = (
    Path(__file__).parent.parent.parent / "docs" / "reference" / "broken-implementations.md"
)
WRONG: Final = "✗"
"""Stands before a rule that is named and is not the one."""


def written(page: str, rows: Rows) -> str:
    """The page with its tables made anew. Raises `ValueError` where it has no place for one."""
    for name, table in _TABLES.items():
        before, start, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        if not start or not end:
            raise ValueError(f"{PAGE.name}: expected <!-- {name} --> and <!-- end of {name} -->")
        page = before + start + "\n".join(table(rows)) + "\n" + end + after
    return page


def _table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = tuple(head)
    yield _line(titles)
    yield _line("---" for _ in titles)
    yield from map(_line, lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


# What they add up to.


def _summary(rows: Rows) -> Iterator[str]:
    every = tuple(asked(faults(), rows.faults))
    lines = [
        (language, add_up(each for each in every if each.fault.group.language == language))
        for language in dict.fromkeys(group.language for group in Group)
    ]
    lines.append(("all", add_up(every)))
    yield from _table(_SUMMARY, (_sums(language, sums) for language, sums in lines))


_SUMMARY: Final = (
    "written in",
    "faults",
    "caught with get",
    "of these, the right rule first",
    "caught as a black box",
    "of these, the right rule first",
    "seen at a rule listed for it",
    "one deviation and no more",
    "ops over the shortest, mean",
    "most",
)


def _sums(language: str, sums: Sums) -> tuple[str, ...]:
    return (
        language,
        str(sums.faults),
        str(sums.caught[Mode.GET]),
        str(sums.right[Mode.GET]),
        str(sums.caught[Mode.BLACK_BOX]),
        str(sums.right[Mode.BLACK_BOX]),
        str(sums.listed),
        str(sums.alone),
        f"{sums.mean_over:.2f}",
        str(max(sums.over, default=0)),
    )


# What the oracle does not do as one would wish.


def _unseen(_rows: Rows) -> Iterator[str]:
    lines = [(_code(name), "any", why) for name, why in NOT_ASKED.items()]
    lines += [
        (_code(key.partition("/")[2]), Mode.BLACK_BOX.value, why)
        for key, why in ONLY_IN_VIEWS.items()
    ]
    yield from _table(("fault", "not seen as", "why"), lines)


def _misnamed(rows: Rows) -> Iterator[str]:
    lines = [
        (each.fault.group.language, _code(each.fault.name), each.mode.value, *_told(each, judged))
        for each in asked(faults(), rows.faults)
        if (judged := each.judged) is not None and not each.right
    ]
    head = ("written in", "fault", "asked", "named", "seen at", "what is wrong")
    yield from _table(head, lines)


def _told(each: Asked, judged: Judged) -> tuple[str, str, str]:
    return judged.rule, judged.seen_at, _causes(each.fault)


def _before(rows: Rows) -> Iterator[str]:
    yield from _table(before_page.HEAD, before_page.lines(rows.faults, WRONG))


# The correct ones.


def _sound(rows: Rows) -> Iterator[str]:
    head = ("implementation", "dialect", "programs", "ops", "rules fired", "deviating")
    yield from _table(head, (_accepted(name, each) for name, each in rows.sound.items()))


def _accepted(name: str, each: Accepted) -> tuple[str, ...]:
    counts = (each.programs, each.ops, each.rules, each.deviating)
    return (
        name.partition(",")[0],
        _code(each.dialect),
        *(f"{count:,}" for count in counts),
    )


# Each fault.


def _of_group(group: Group) -> Callable[[Rows], Iterator[str]]:
    def table(rows: Rows) -> Iterator[str]:
        modes = [mode for mode in Mode if any(mode in each.modes for each in _members(group))]
        head = ["fault", "wrong are"]
        for mode in modes:
            how = "with get" if mode is Mode.GET else "as a black box"
            head += [f"{how}: named", "caught by", "after ops", "length, shortest"]
        yield from _table(head, (_fault(each, rows.faults, modes) for each in _members(group)))

    return table


def _members(group: Group) -> list[Fault]:
    return [each for each in faults().values() if each.group is group]


def _fault(fault: Fault, rows: Mapping[str, Row], modes: Iterable[Mode]) -> Iterator[str]:
    dialect = "" if str(fault.dialect) == "reference" else f" in `{fault.dialect}`"
    yield f"`{fault.name}`{dialect}"
    yield _causes(fault)
    row = rows.get(fault.key, {})
    for mode in modes:
        judged = row.get(mode)
        if judged is None:
            yield from ("not caught" if mode in fault.modes else "not asked", "", "", "")
        else:
            yield from _cells(Asked(fault, mode, judged), judged)


def _cells(each: Asked, judged: Judged) -> Iterator[str]:
    seen = "" if judged.seen_at == judged.rule else f", seen at {judged.seen_at}"
    more = "" if judged.deviations == 1 else f", and {judged.deviations - 1} more"
    also = f" or {' '.join(judged.or_else)}" if judged.or_else else ""
    yield f"{'' if each.right else WRONG + ' '}{judged.rule}{also}{seen}{more}"
    yield judged.first.suite
    yield f"{judged.first.ops:,}"
    yield f"{judged.length}, {'' if judged.proved else '≤ '}{judged.shortest}"


def _causes(fault: Fault) -> str:
    """The rules, those of one op together: `PULL_2 4`."""
    names = [rule.name.rpartition("_") for rule in fault.causes]
    ordered = sorted((op, int(number)) for op, _, number in names)
    by_op = groupby(ordered, key=lambda name: name[0])
    return ", ".join(f"{op}_{' '.join(str(number) for _, number in rules)}" for op, rules in by_op)


def _code(text: str) -> str:
    return f"`{text}`"


_TABLES: Final[Mapping[str, Callable[[Rows], Iterator[str]]]] = {
    "summary": _summary,
    "misnamed": _misnamed,
    "unseen": _unseen,
    "before": _before,
    "sound": _sound,
    **{group.name.lower(): _of_group(group) for group in Group},
}
