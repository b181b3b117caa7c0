"""`python -m tests.oracle.waiting_page` puts each broken registry in which pushes wait before the
oracle, and writes docs/reference/broken-waiting-registries.md.

    python -m tests.oracle.waiting_page FAULT …    # those again, and those that have no row yet
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.checking import check
from streamstate.wire.in_words import ops_in_words
from tests.oracle.test_waiting_starters import PAGE, laid_out
from tests.oracle.waiting_groups import GROUPS, Group, Planted, planted_faults
from tests.oracle.waiting_registries import opened, registry

Key: TypeAlias = tuple[str, str, str]
"""Of a row: its section, the language, and the fault."""

_HEAD: Final = """# Broken registries in which pushes wait

What the oracle says of small registries with a fault each. The one in Python is driven in its
process and may be looked into; the one in JavaScript is behind the starter, changed as
[the how-to](../how-to/adapt-pushes-that-wait.md) says. *Broken* are the rules whose code is wrong.
*Named* is the rule of the first deviation, in italics where it is another. *More* are the rules of
those that it tells beside the first. `python -m tests.oracle.waiting_page` makes this page.
"""

_SECTION: Final = """
## {title}

{says} The dialect is `{dialect}`.

| language | fault | broken | named | more | first program |
| --- | --- | --- | --- | --- | --- |
"""


def measured(planted: Planted) -> str:
    """The row of one."""
    group, language, fault = planted
    with TemporaryDirectory() as folder:
        opener = _opener(planted, Path(folder))
        verdict = check(opener, group.dialect, planner=group.planner)
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


def _opener(planted: Planted, folder: Path) -> Opener:
    if planted.language == "Python":
        return partial(opened, registry(*planted.faults))
    return partial(ChildImplementation, laid_out(folder, "javascript", *planted.faults))


def key_of(planted: Planted) -> Key:
    return planted.group.title, planted.language, planted.fault.name


def rows(page: str) -> Iterator[tuple[Key, str]]:
    """The rows of a page, in its order."""
    title = ""
    for line in page.splitlines():
        if line.startswith("## "):
            title = line.removeprefix("## ")
        elif "| `" in line:
            language, fault, *_ = line.removeprefix("| ").split(" | ")
            yield (title, language, fault.strip("`")), line


def made(lines: Mapping[Key, str]) -> str:
    """The page of those rows."""
    return _HEAD + "".join(map(partial(_section, lines), GROUPS))


def _section(lines: Mapping[Key, str], group: Group) -> str:
    own = [lines[key_of(each)] for each in planted_faults() if each.group is group]
    head = _SECTION.format(title=group.title, says=group.says, dialect=group.dialect)
    return head + "".join(f"{line}\n" for line in own)


def main(names: Collection[str]) -> None:
    lines = dict(rows(PAGE.read_text(encoding="utf-8"))) if names else {}
    for each in planted_faults():
        if key_of(each) not in lines or each.fault.name in names:
            lines[key_of(each)] = measured(each)
            print(lines[key_of(each)], file=sys.stderr, flush=True)
    PAGE.write_text(made(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
