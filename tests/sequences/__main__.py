"""Writes the page on sequences of rules, and prints the triples that the plan does not take.

python -m tests.sequences
"""

from __future__ import annotations

import sys

from streamstate.model import Dialect
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import default_plan, requests
from tests.sequences.page import DIALECTS, PAGE, Counted, missing, written
from tests.sequences.possible import possible
from tests.sequences.taken import taken

OFFERED = frozenset({"get", "limits"})


def count(dialect: Dialect) -> Counted:
    """What is possible in a dialect, and what its default plan takes."""
    planned = default_plan(CachedModel(dialect), OFFERED)
    return Counted(possible(dialect), taken(dialect, requests(planned)))


def main() -> int:
    counted = {name: count(dialect) for name, dialect in DIALECTS.items()}
    for name, each in counted.items():
        for triple in sorted(
            " ".join(rule.name for rule in rules) for rules in missing(each, "triples")
        ):
            print(f"{name}: {triple}")
    PAGE.write_text(written(counted), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
