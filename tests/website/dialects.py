"""The page on dialects: what each says in which situation, and what it gives up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from streamstate.cli.events import EVENTS
from streamstate.cli.rows import actions_in_words, conditions_in_words, rows_of
from streamstate.model import (
    HAZARDS,
    NAMED,
    POLICIES,
    REFERENCE,
    Control,
    Hazard,
    Limits,
    hazards,
)
from streamstate.model.rows import Row
from streamstate.wire import compact, encode_limits, encode_program
from tests.website.rules import dialects_of, opened_in_the_explorer

_HEAD: Final = """# Dialects, situation by situation

A registry chooses in five points, so there are 288 dialects. This page shows where the choice
matters, and what each choice gives up. In every situation that is not here, all dialects do the
same; [the whole table](the-table.md) says what. To pick one, read
[choose a dialect](../how-to/choose-a-dialect.md).
"""


PICTURES: Final = {
    "reference": "The machine of one stream in reference",
    "reference-isolate": "Where isolate differs from reference",
    "reference-whatwg": "Where whatwg differs from reference",
}
"""Pictures that are drawn from the model, and what each says."""


def dialects_page() -> str:
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    yield from ("## The named dialects", "")
    chosen = (
        (f"`{name}`", *(getattr(one, field) for field in POLICIES)) for name, one in NAMED.items()
    )
    yield from _table(["", *(f"`{field}`" for field in POLICIES)], chosen)
    for picture, says in PICTURES.items():
        yield from ("", f"![{says}](../pictures/{picture}.svg)")
    yield from ("", "## Where dialects part", "")
    yield "A tick marks the dialects that take the rule of that row."
    for event, (name, _) in EVENTS.items():
        rows = [
            (f"`{at.name}`", *_cells(row))
            for at in Control
            for row in rows_of(event)
            if at in row.situations() and _policies(row)
        ]
        if rows:
            yield from ("", f"### {name}", "")
            yield from _table(["situation", "rule", "where", "done", *NAMED], rows)
    yield from ("", "## Hazards", "")
    yield "A hazard is something you would count on and that fails in some dialects."
    yield "The last op of each program shows it."
    for hazard in HAZARDS:
        yield from ("", f"### {hazard.name}", "", *_hazard(hazard))


def _policies(row: Row) -> set[str]:
    return set(row.when.limited()) & set(POLICIES)


def _cells(row: Row) -> Iterator[str]:
    yield f"[{row.rule.name}](rules.md#{row.rule.name.lower()})"
    yield " and ".join(conditions_in_words(row))
    yield "; ".join(actions_in_words(row)) or "nothing"
    for dialect in NAMED.values():
        asked = any(row.when.holds(dialect, others) for others in row.when.others)
        yield "✓" if asked and dialect in dialects_of(row.rule) else ""


def _hazard(hazard: Hazard) -> Iterator[str]:
    having = [name for name, one in NAMED.items() if hazard in hazards(one)]
    values = " or ".join(f"`{value}`" for value in (hazard.value, *hazard.also))
    where = f", so in {', '.join(f'`{name}`' for name in having)}" if having else ""
    yield f"{hazard.sentence} It is so where `{hazard.field}` is {values}{where}."
    yield ""
    usual = hazard.limits == Limits()
    limits = "" if usual else f", with the limits `{compact(encode_limits(hazard.limits))}`"
    yield f"The shortest program{limits}:"
    program = compact(encode_program(hazard.program))
    yield from ("", "```text", program, "```", "")
    dialect = replace(REFERENCE, **{hazard.field: hazard.value})  # type: ignore[arg-type]  # a policy
    link = opened_in_the_explorer(program, dialect, hazard.limits)
    yield f'<a href="../{link}">Press it in the explorer</a>'


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = tuple(head)
    for cells in (titles, ["---"] * len(titles), *rows):
        yield f"| {' | '.join(cells)} |"
