"""The page on the rules: `spec/semantics.md`, and under each rule where else it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from streamstate.cli.events import EVENTS
from streamstate.cli.explanations import dialects_with
from streamstate.cli.rows import (
    CLEARING,
    actions_in_words,
    conditions_in_words,
    next_in_words,
    rows_of,
    where_in_words,
)
from streamstate.explorer import of_program
from streamstate.model import NAMED, OF_MEMORY, Dialect, Event, Limits, Rule, lattice
from streamstate.model.rows import Row
from streamstate.semantics import passages
from streamstate.wire import parse_turns
from tests.broken.step_fault import StepFault
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS, TableFault
from tests.broken.waits import WAIT_STEP_FAULTS, WAIT_TABLE_FAULTS
from tests.website.sources import text_of

THEOREMS: Final[Mapping[str, tuple[Rule, ...]]] = {
    "creates_count_from_one": (Rule.CREATE_1,),
    "size_is_the_sum": (Rule.GET_2,),
    "push_settles_the_oldest": (Rule.PUSH_4,),
    "accepting_bounds_nothing": (Rule.PUSH_6,),
    "refusing_bounds_the_queue": (Rule.PUSH_7,),
    "looking_bounds_the_queue": (Rule.IS_QUEUE_FULL_2, Rule.IS_QUEUE_FULL_3),
    "the_oldest_is_taken": (Rule.PULL_2, Rule.PULL_4, Rule.PULL_8),
    "waiting_is_open_and_empty": (Rule.PULL_3,),
    "only_given_back_after_the_end": (Rule.PULL_5,),
    "no_chunk_after_the_error": (Rule.PULL_6, Rule.PULL_7, Rule.CANCEL_PULL_5, Rule.CANCEL_PULL_7),
    "given_back_after_the_error": (Rule.CANCEL_PULL_6,),
    "overwrite_lets_a_pull_dangle": (Rule.PULL_9,),
    "no_pull_dangles": (Rule.PULL_10, Rule.PULL_11, Rule.PULL_12),
    "close_settles_all": (Rule.CLOSE_2,),
    "error_settles_all": (Rule.ERROR_2,),
    "delete_settles_all": (Rule.DELETE_3,),
    "clear_is_made_of_deletes": (Rule.CLEAR_1, Rule.CLEAR_2),
    "clear_settles_all": (Rule.CLEAR_2,),
    "push_takes_the_bytes_of_the_call": (Rule.PUSH_8,),
    "a_kept_piece_shows_the_write": (Rule.PUSH_8,),
    "a_write_changes_nothing": (Rule.PUSH_8, Rule.PULL_13),
    "nothing_waits_after_clear": (Rule.CLEAR_2,),
    "a_pull_settles_at_most_once": (Rule.CANCEL_PULL_9,),
    "every_chunk_is_accounted_for": (
        *(Rule.ERROR_6, Rule.ERROR_9, Rule.DELETE_2),
        *(Rule.CANCEL_PULL_3, Rule.CANCEL_PULL_4, Rule.CANCEL_PULL_8, Rule.SEEN_1),
    ),
}
"""Theorems that say what some rules say, of programs of any length."""

EXPLORER: Final = "explorer.html"
"""Where the page of `streamstate explore` is on the site."""

GLOSSARY: Final = "../docs/reference/glossary.md"
"""From the page of the rules, where it is in the repository."""

OF_EVERY_RULE: Final = "react_did"
"""The theorem about whatever the table makes of a stream."""


def rules_page() -> str:
    text = text_of("spec/semantics.md")
    for rule in Rule:
        text = _with(text, rule, "\n".join(_besides(rule)))
    return text


def _with(text: str, rule: Rule, more: str) -> str:
    """The page with more at the end of what stands under a rule."""
    section = re.compile(rf"^### {rule.name}\n.*?^```text\n.*?^```\n", re.DOTALL | re.MULTILINE)
    found = section.search(text)
    if found is None:
        raise ValueError(f"spec/semantics.md has no example under {rule.name}")
    anchor = f'<span id="{rule.name}"></span>\n\n'  # in the ids of Sphinx is no underscore
    return f"{text[: found.start()]}{anchor}{found[0]}\n{more}\n{text[found.end() :]}"


def _besides(rule: Rule) -> Iterator[str]:
    yield "| | |"
    yield "| --- | --- |"
    for name, what in (
        ("In the table", _in_the_table(rule)),
        ("Dialects", _dialects(rule)),
        ("Vectors", _vectors(rule)),
        ("Proved", _proved(rule)),
        (f"[Violated alone by]({GLOSSARY}#violated-alone-by)", _faults(rule)),
        ("Press it", _pressed(rule)),
    ):
        yield f"| **{name}** | {what} |"


def _in_the_table(rule: Rule) -> str:
    if rule in OF_MEMORY:
        return "nothing: it is about memory, and holds besides whichever rule the op takes"
    if rule in CLEARING:
        return f"[clear](../docs/reference/the-table.md#clear), where {CLEARING[rule]}"
    rows = ((event, row) for event in EVENTS for row in rows_of(event) if row.rule is rule)
    return "<br>".join(_row(event, row) for event, row in rows)


def _row(event: Event, row: Row) -> str:
    where = ", where ".join([where_in_words(row), *_joined(conditions_in_words(row))])
    done = "; ".join(actions_in_words(row)) or "nothing"
    anchor = EVENTS[event][0].replace(" ", "-").lower()
    return f"[{where}](../docs/reference/the-table.md#{anchor}) → {next_in_words(row)}: {done}"


def _joined(conditions: Iterable[str]) -> list[str]:
    said = " and ".join(conditions)
    return [said] if said else []


@cache
def dialects_of(rule: Rule) -> frozenset[Dialect]:
    """The dialects in which a program can take the rule."""
    return frozenset(lattice() if rule in OF_MEMORY else dialects_with(rule))


def _dialects(rule: Rule) -> str:
    found = dialects_of(rule)
    named = [name for name, dialect in NAMED.items() if dialect in found]
    if len(found) == len(lattice()):
        return f"all {len(found)}"
    others = "others" if named else "no named one; others"
    return ", ".join([*(f"`{name}`" for name in named), f"and {others}" if named else others])


@cache
def _counts() -> dict[str, int]:
    counts: dict[str, int] = json.loads(text_of("spec/vectors/manifest.json"))["files"]
    return counts


def _vectors(rule: Rule) -> str:
    if rule in OF_MEMORY:
        return "none: a vector has bytes, and no memory"
    file = f"spec/vectors/{rule.name}.jsonl"
    return f"[{_counts()[rule.name]} programs](../{file})"


@cache
def proved() -> dict[str, str]:
    """Theorem → what it says, from spec/README.md."""
    row = r"^\| `(\w+)` \| `\w+\.v` \| (.+?) \|"
    return dict(re.findall(row, text_of("spec/README.md"), re.MULTILINE))


def theorems_on(rule: Rule) -> list[str]:
    """The theorems that say what a rule says: of it, and of the actions that it does."""
    rows = (row for event in EVENTS for row in rows_of(event) if row.rule is rule)
    actions = {action.name for row in rows for action in row.do}
    own = [name for name, rules in THEOREMS.items() if rule in rules]
    of_actions = [name for name, says in proved().items() if says.partition(":")[0] in actions]
    return own if rule in OF_MEMORY else [*own, *of_actions, OF_EVERY_RULE]


def _proved(rule: Rule) -> str:
    return ", ".join(f"[`{name}`]({_where_told(name)})" for name in theorems_on(rule))


def _where_told(theorem: str) -> str:
    """Where a theorem is told: the one that is named under every rule has an entry of its own."""
    of_every = theorem == OF_EVERY_RULE
    return f"{GLOSSARY}#{theorem}" if of_every else "README.md#what-is-proved"


FAULTS: Final[Mapping[str, Sequence[TableFault | StepFault]]] = {
    "tables.py": TABLE_FAULTS,
    "steps.py": STEP_FAULTS,
    "waits.py": (*WAIT_TABLE_FAULTS, *WAIT_STEP_FAULTS),
}
"""The broken models in each file of tests/broken."""


def faults_of(rule: Rule) -> dict[str, str]:
    """The broken models that violate that rule and no other, and the file that each is in."""
    return {
        fault.name: file
        for file, faults in FAULTS.items()
        for fault in faults
        if fault.rule is rule and not (isinstance(fault, TableFault) and fault.also)
    }


def _faults(rule: Rule) -> str:
    if rule in OF_MEMORY:
        page = "../docs/reference/broken-implementations.md"
        return f"[registries that keep, share or misread memory]({page}#each-fault)"
    return ", ".join(f"[`{n}`](../tests/broken/{file})" for n, file in faults_of(rule).items())


def _pressed(rule: Rule) -> str:
    passage = passages()[rule]
    link = opened_in_the_explorer(passage.program, passage.dialect, passage.limits)
    return f'<a href="../{link}">the example in the explorer</a>'


def opened_in_the_explorer(program: str, dialect: Dialect, limits: Limits) -> str:
    """The address, on the site, at which the explorer opens with a program."""
    return f"{EXPLORER}#{of_program(parse_turns(program), dialect, limits)}"
