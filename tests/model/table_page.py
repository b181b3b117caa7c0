"""The generated parts of docs/reference/the-table.md.

    python -m tests.model.table_page

writes them anew from the table of the model, and the short words for policies from where they are
kept (`Dialect` and spec/semantics.md). A test wants no difference.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from streamstate.cli.events import EVENTS
from streamstate.cli.rows import (
    CLEAR,
    CLEARING,
    action_in_words,
    actions_in_words,
    conditions_in_words,
    next_in_words,
    numbers_at,
    rows_of,
    unblocking_in_words,
    where_in_words,
)
from streamstate.model import (
    BLOCKED,
    POLICIES,
    Action,
    Control,
    Dialect,
    Event,
    Level,
    Phase,
    transition,
)
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
    (start,) = (
        number for number, line in enumerate(lines) if line.startswith("(`control.Control`)")
    )
    (end,) = (number for number, line in enumerate(lines) if line.startswith("**What the control"))
    return "\n".join(lines[start + 1 : end]).strip("\n")


def _diagram() -> Iterator[str]:
    yield from ("```text", diagram(), "```")


def _situations() -> Iterator[str]:
    said = {
        Phase.ABSENT: "never made, or deleted",
        Phase.WAITING: "open, and at least one pull waits",
        Phase.OPEN: "neither closed nor errored, and nothing waits",
        Phase.CLOSED: "closed",
        Phase.ERRORED: "errored",
        Phase.CLOSED_ERRORED: "closed and errored",
        Phase.PUSHES_WAITING: "open, and at least one push waits",
        Phase.CLOSING: "closed, and at least one push waits",
    }
    queued = {
        Level.EMPTY: "nothing",
        Level.SOME: "something",
        Level.FULL: "up to a limit or more",
        Level.UNBUFFERED: "nothing, and a limit is zero",
    }
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
    rows: list[tuple[str, ...]] = []
    short = values_in_short()
    for field, values in POLICIES.items():
        rows.append((f"`{field}`", "", f"*{fields_in_short()[field]}*", ""))
        rows += (("", value, short[field, value], _asking(field, value)) for value in values)
    yield from _table(("policy", "value", "in short", "rules that ask for it"), rows)


def _asking(field: str, value: str) -> str:
    rows = (one for event in Event for one in TABLE[event])
    rules = [one.rule.name for one in rows if value in one.when.limited().get(field, ())]
    return ", ".join(map(_linked, dict.fromkeys(rules)))


def fields_in_short() -> dict[str, str]:
    """What each policy is about, as `Dialect` has it."""
    assert Dialect.__doc__ is not None
    return dict(re.findall(r"`(\w+)`: (.+?) \([A-Z]", Dialect.__doc__))


def values_in_short() -> dict[tuple[str, str], str]:
    """What each value of a policy means, as the specification has it."""
    short, field = {}, ""
    spec = (PAGE.parents[2] / "spec" / "semantics.md").read_text(encoding="utf-8")
    row = r"^\| (?:`(\w+)`)? ?\| `(\w+)` \| (.+?) \|"
    for named, value, said in re.findall(row, spec, re.MULTILINE):
        field = named or field
        short[field, value] = said
    return short


def _unblocking() -> Iterator[str]:
    yield unblocking_in_words(shown=_linked)


def _glance() -> Iterator[str]:
    rows = (
        (f"`{at.name}`", *(" ".join(numbers_at(event, at)) for event in EVENTS)) for at in Control
    )
    yield from _table(("", *(_head(event) for event in EVENTS)), rows)


def _op(event: Event) -> str:
    return TABLE[event][0].rule.name.rpartition("_")[0]


def _head(event: Event) -> str:
    which = (
        event.name.removeprefix(f"{_op(event).partition('_')[0]}_").removesuffix("_PUSH").lower()
    )
    return f"`{_op(event)}`" + (f" ({which})" if event.name != _op(event) else "")


def _rows() -> Iterator[str]:
    for event, (name, note) in EVENTS.items():
        yield from ("", f"### {name}", "", note, "")
        yield from _table(
            ("rule", "where", "when", "leads to", "done"), map(_cells, rows_of(event))
        )
    yield from ("", "### clear", "", CLEAR, "")
    rows = ((_linked(rule.name), where) for rule, where in CLEARING.items())
    yield from _table(("rule", "when"), rows)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        _linked(row.rule.name),
        where_in_words(row),
        " and ".join(conditions_in_words(row)),
        next_in_words(row),
        re.sub(r"^return \w+", r"**\g<0>**", "; ".join(actions_in_words(row))) or "nothing",
    )


def _actions() -> Iterator[str]:
    rows = (
        (f"`{action.name}`", _said(action), ", ".join(dict.fromkeys(_takers(action))))
        for action in Action
    )
    yield from _table(("action", "what it does", "rules"), rows)


def _said(action: Action) -> str:
    rules = (one.rule for event in Event for one in TABLE[event] if action in one.do)
    words = dict.fromkeys(action_in_words(action, rule) for rule in rules)
    return ", or ".join(words) or action.value


def _takers(action: Action) -> Iterator[str]:
    if action is Action.UNBLOCK:
        yield f"whatever leaves {' or '.join(f'`{at.name}`' for at in sorted(BLOCKED))}"
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
    "unblocking": _unblocking,
    "glance": _glance,
    "rows": _rows,
    "actions": _actions,
}


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.exit(0)
