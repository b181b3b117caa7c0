"""The README counts right, and so does what is said of the specification."""

from __future__ import annotations

import re
from pathlib import Path

from streamstate.model import Action, lattice
from tests.broken.shells import LOOP_FAULTS, SHELL_FAULTS
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS
from tests.explorer.test_machine import RANDOM, WRONG
from tests.faults.catalogue import faults
from tests.faults.fault import Group
from tests.oracle.foreign_rows import rows
from tests.oracle.test_javascript import CHOSEN, OTHERS
from tests.spec.compare import CELLS

ROOT = Path(__file__).parents[1]
README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


def test_broken_implementations() -> None:
    assert f"- {len(faults())} broken implementations in five languages" in README
    planted = (*TABLE_FAULTS, *STEP_FAULTS, *SHELL_FAULTS, *LOOP_FAULTS)
    assert f"- {len(planted)} asyncio registries with one fault each" in README
    javascript = [each for each in faults().values() if each.group is Group.JAVASCRIPT]
    assert (
        f"Of {len(javascript)} one-line faults of the JavaScript registry, the tests plant"
        f" {len(CHOSEN) + len(OTHERS)} anew"
    ) in README


def test_other_peoples_streams() -> None:
    others = [row for row in rows() if row.adapter != "isolated_vm/adapter.mjs"]
    assert f"has {len(others)} that others wrote" in README


def test_cells_of_the_table() -> None:
    assert f"agrees with the model on all {CELLS:,} cells of the table" in README
    specification = (ROOT / "spec" / "README.md").read_text(encoding="utf-8")
    assert f"{CELLS:,} cells" in specification


def test_what_is_tried_on_the_page_of_the_explorer() -> None:
    page = (ROOT / "docs" / "how-to" / "explore.md").read_text(encoding="utf-8")
    said = " ".join(page.split())
    assert (
        f"for all {len(lattice())} dialects, and a script that performs the table's {len(Action)}"
        in said
    )
    assert f"{RANDOM} random programs in any dialect" in said
    words = {9: "nine", 10: "ten", 11: "eleven"}
    assert f"if any action is left out, and {words[len(WRONG)]} other mistakes" in said


def test_theorems() -> None:
    files = [one.read_text(encoding="utf-8") for one in (ROOT / "spec" / "rocq").glob("*.v")]
    theorems = [re.findall(r"^Theorem ", text, re.MULTILINE) for text in files]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"with {sum(map(len, theorems))} theorems" in changelog
