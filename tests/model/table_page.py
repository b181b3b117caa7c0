"""The generated parts of docs/reference/the-table.md.

    python -m tests.model.table_page

writes them anew from the table of the model. A test wants no difference.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from streamstate.cli.rows import (
    EVENTS,
    actions_in_words,
    conditions_in_words,
    next_in_words,
    numbers_at,
    rows_of,
    where_in_words,
)
from streamstate.model import POLICIES, Action, Control, Event, Level, Phase, transition
from streamstate.model.rows import Row
from streamstate.model.transition import TABLE

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "the-table.md"
SEMANTICS: Final = "../../spec/semantics.md"


def written(page: str) -> str:
    """The page with its generated parts made anew. Raises `ValueError` where one has no place."""
    for name, lines in PARTS.items():
        before, start, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        if not start or not end:
            raise ValueError(f"{PAGE.name}: expected <!-- {name} --> and <!-- end of {name} -->")
        page = before + start + "\n".join(lines()) + "\n" + end + after
    return page


def diagram() -> str:
    """The diagram in the docstring of the table's module."""
    assert transition.__doc__ is not None
    lines = transition.__doc__.splitlines()
    (start,) = (number for number, line in enumerate(lines) if "Fourteen in all" in line)
    (end,) = (number for number, line in enumerate(lines) if line.startswith("**What the control"))
    return "\n".join(lines[start + 1 : end]).strip("\n")


def _diagram() -> Iterator[str]:
    yield from ("```text", diagram(), "```")


def _situations() -> Iterator[str]:
    said = {
        Phase.ABSENT: "never made, or deleted",
        Phase.WAITING: "open, and at least one pull waits",
        Phase.OPEN: "neither closed nor errored, and no pull waits",
        Phase.CLOSED: "closed",
        Phase.ERRORED: "errored",
        Phase.CLOSED_ERRORED: "closed and errored",
    }
    queued = {Level.EMPTY: "nothing", Level.SOME: "something", Level.FULL: "up to a limit or more"}
    rows = (
        (
            f"`{at.name}`",
            said[at.phase],
            queued[at.level] if at.phase > Phase.WAITING else "nothing",
        )
        for at in Control
    )
    yield from _table(("situation", "the stream is", "queued"), rows)


def _policies() -> Iterator[str]:
    rows = []
    for field, values in POLICIES.items():
        rules = [
            one.rule.name for event in Event for one in TABLE[event] if field in one.when.limited()
        ]
        rows.append(
            (f"`{field}`", " · ".join(values), ", ".join(map(_linked, dict.fromkeys(rules))))
        )
    yield from _table(("policy", "values", "rules that ask for it"), rows)


def _glance() -> Iterator[str]:
    rows = (
        (f"`{at.name}`", *(" ".join(numbers_at(event, at)) for event in EVENTS)) for at in Control
    )
    yield from _table(("", *(_head(event) for event in EVENTS)), rows)


def _op(event: Event) -> str:
    return TABLE[event][0].rule.name.rpartition("_")[0]


def _head(event: Event) -> str:
    which = event.name.removeprefix(f"{_op(event).partition('_')[0]}_").lower()
    return f"`{_op(event)}`" + (f" ({which})" if event.name != _op(event) else "")


def _rows() -> Iterator[str]:
    for event, (name, note) in EVENTS.items():
        yield from ("", f"### {name}", "", note, "")
        yield from _table(
            ("rule", "where", "when", "leads to", "done"), map(_cells, rows_of(event))
        )


def _cells(row: Row) -> tuple[str, ...]:
    returned = () if row.returned is None else (f"**return {str(row.returned).lower()}**",)
    return (
        _linked(row.rule.name),
        where_in_words(row),
        " and ".join(conditions_in_words(row)),
        next_in_words(row),
        "; ".join((*actions_in_words(row), *returned)) or "nothing",
    )


def _actions() -> Iterator[str]:
    rows = (
        (f"`{action.name}`", action.value, ", ".join(dict.fromkeys(_takers(action))))
        for action in Action
    )
    yield from _table(("action", "what it does", "rules"), rows)


def _takers(action: Action) -> Iterator[str]:
    if action is Action.UNBLOCK:
        yield "whatever leaves `OPEN_FULL`"
    for event in Event:
        for row in TABLE[event]:
            if action in row.do:
                yield _linked(row.rule.name)


def _linked(rule: str) -> str:
    return f"[{rule}]({SEMANTICS}#{rule.lower()})"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = tuple(head)
    for cells in (titles, ["---"] * len(titles), *rows):
        yield f"| {' | '.join(cells)} |"


PARTS: Final[Mapping[str, Callable[[], Iterable[str]]]] = {
    "diagram": _diagram,
    "situations": _situations,
    "policies": _policies,
    "glance": _glance,
    "rows": _rows,
    "actions": _actions,
}


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
