"""The page on sequences of rules: what is possible, what the plan takes, and what it does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from streamstate.model import NAMED, REFERENCE
from tests.sequences.possible import RuleSequence, Sequences

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "sequences-of-rules.md"

_HEAD: Final = """# Sequences of rules

Which rules does the default plan have right after each other, of all that can be? This page is made
by `python -m tests.sequences`, for an implementation that offers `get` and `limits`.

*On one stream* are rules that one stream takes in turn, whatever happens to others in between: its
create, the ops on its number before it is made, while it is there and once it is gone, and the
clear that ends it. *In a row* are two ops one right after the other, whichever streams they are on.

*Possible* are those that an exhaustive walk of the dialect's table finds, with the levels that a
queue can have after an op left free, but for what chunks there must be. No program can take any
other. The suites `sequences` and `side by side` are made by search on the model, so that the plan
takes all that are possible, also where pushes wait; `tests/sequences` compares them in the named
dialects and in two in which pushes wait.
"""

WAITING: Final = tuple(
    replace(REFERENCE, push_when_full=value) for value in ("wait", "wait_through_close")
)
DIALECTS: Final = {**NAMED, **{str(each): each for each in WAITING}}
"""The named dialects, and those in which pushes wait in either way."""


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
    return "\n".join([_HEAD, *_table(counted), "", *_missing(counted), _GUIDED])


_GUIDED: Final = """## Coverage-guided generation

`python -m tests.sequences.guided` lets Hypothesis make 2,000 programs in `reference`, and tells it
of each how many pairs and triples it takes that none did before (`hypothesis.target`). Measured on
two busy cores, with Python 3.11:

| made by | programs | ops | CPU | triples on one stream | pairs in a row |
| --- | --- | --- | --- | --- | --- |
| Hypothesis, with the target | 2,000 | 23,914 | 10.3 s | 1,424 | 704 |
| Hypothesis, without a target | 2,000 | 18,114 | 2.7 s | 1,311 | 672 |
| the plan's random programs | 1,250 | 38,105 | 0.1 s | 1,778 | 800 |
| search on the model | 5,133 | 48,782 | 0.4 s | 3,438 | 1,238 |

It finds nothing that search on the model leaves out of the plan, for many times the work. So it is
no suite of the plan.
"""


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
