"""The page on sequences of rules: what is possible, what the plan takes, and what it does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from tests.sequences.possible import RuleSequence, Sequences

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "sequences-of-rules.md"

_HEAD: Final = """# Sequences of rules

Which rules does the default plan have right after each other, of all that can be? This page is made
by `python -m tests.sequences`, for an implementation that offers `get` and `limits`.

*On one stream* are rules that one stream takes in turn, whatever happens to others in between: its
create, the ops on its number before it is made, while it is there and once it is gone, and the
clear that ends it. *In a row* are two ops one right after the other, whichever streams they are on.

*Possible* are those that an exhaustive walk of the dialect's table finds, with the levels that a
queue can have after an op left free; all others no program can take. Every sequence that the plan
takes was possible. What is possible and not taken is listed, but for the triples, which the command
prints. Whether a program can take each of those is not known: the walk may find a little too much.
"""


class Counted(NamedTuple):
    """What is possible in a dialect, and taken."""

    possible: Sequences
    taken: Sequences


_KINDS: Final = (
    ("pairs", "pairs on one stream"),
    ("triples", "triples on one stream"),
    ("in_a_row", "pairs in a row"),
)


def written(counted: Mapping[str, Counted]) -> str:
    """The page for some dialects."""
    return "\n".join([_HEAD, *_table(counted), "", *_missing(counted)])


def _table(counted: Mapping[str, Counted]) -> Iterator[str]:
    yield "| dialect | of | possible | taken | share |"
    yield "| --- | --- | --- | --- | --- |"
    for name, each in counted.items():
        for kind, says in _KINDS:
            possible, taken = _of(each.possible, kind), _of(each.taken, kind)
            share = len(taken) / len(possible)
            yield f"| `{name}` | {says} | {len(possible):,} | {len(taken):,} | {share:.1%} |"


def _missing(counted: Mapping[str, Counted]) -> Iterator[str]:
    for name, each in counted.items():
        yield f"## Not taken in `{name}`\n"
        for kind, says in _KINDS:
            if kind != "triples":
                left = missing(each, kind)
                yield f"- {says}: {'none' if not left else ', '.join(_named(left))}\n"


def missing(counted: Counted, kind: str) -> set[RuleSequence]:
    """What is possible and not taken."""
    return _of(counted.possible, kind) - _of(counted.taken, kind)


def _of(sequences: Sequences, kind: str) -> set[RuleSequence]:
    found: set[RuleSequence] = getattr(sequences, kind)
    return found


def _named(sequences: Iterable[RuleSequence]) -> list[str]:
    return sorted("`" + " ".join(rule.name for rule in each) + "`" for each in sequences)
