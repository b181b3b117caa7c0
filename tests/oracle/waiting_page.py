"""`python -m tests.oracle.waiting_page` puts each broken registry in which pushes wait before the
oracle, and writes docs/reference/broken-waiting-registries.md."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from streamstate.model import Dialect
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.checking import check
from streamstate.wire.in_words import ops_in_words
from tests.oracle.test_waiting_starters import PAGE, laid_out
from tests.oracle.waiting_faults import IN_JAVASCRIPT, IN_PYTHON, Fault
from tests.oracle.waiting_registries import WAIT, opened, registry, waiting_only

_HEAD: Final = """# Broken registries in which pushes wait

What the oracle says of small registries with a fault each, in the dialect `{dialect}`. The one in
Python is driven in its process and may be looked into; the one in JavaScript is behind the starter,
changed as [the how-to](../how-to/adapt-pushes-that-wait.md) says. The oracle runs the suites in
which pushes wait, but for the two largest. *Broken* are the rules whose code is wrong. *Named* is
the rule of the first deviation, in italics where it is another. *More* are the rules of those that
it tells beside the first. `python -m tests.oracle.waiting_page` makes this page.

| language | fault | broken | named | more | first program |
| --- | --- | --- | --- | --- | --- |
"""


def faults() -> Iterator[tuple[str, Fault]]:
    """Each, with the language that it is written in."""
    yield from (("Python", each) for each in IN_PYTHON)
    yield from (("JavaScript", each) for each in IN_JAVASCRIPT)


def line(language: str, fault: Fault) -> str:
    """What is said of one."""
    folder = Path(tempfile.mkdtemp())
    try:
        verdict = check(_opener(language, fault, folder), WAIT, planner=waiting_only)
    finally:
        shutil.rmtree(folder)
    if not verdict.deviations:
        return f"| {language} | `{fault.name}` | {fault.rules} | not caught | | |"
    first, *others = verdict.deviations
    rule = first.rule.name
    named = rule if first.rule in fault.causes else f"*{rule}*"
    more = ", ".join(
        dict.fromkeys(each.rule.name for each in others if each.rule is not first.rule)
    )
    program = "; ".join(ops_in_words(first.program))
    broken = ", ".join(fault.rules.split())
    return f"| {language} | `{fault.name}` | {broken} | {named} | {more} | `{program}` |"


def _opener(language: str, fault: Fault, folder: Path) -> Opener:
    if language == "Python":
        return partial(opened, registry(fault))
    return partial(ChildImplementation, laid_out(folder, "javascript", fault))


def made(lines: list[str], dialect: Dialect = WAIT) -> str:
    """The page."""
    return _HEAD.format(dialect=dialect) + "\n".join(lines) + "\n"


def main() -> None:
    lines = []
    for language, fault in faults():
        lines.append(line(language, fault))
        print(lines[-1], file=sys.stderr, flush=True)
    PAGE.write_text(made(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
