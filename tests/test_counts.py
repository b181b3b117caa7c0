"""The README counts right."""

from __future__ import annotations

from pathlib import Path

from tests.broken.shells import LOOP_FAULTS, SHELL_FAULTS
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS
from tests.faults.catalogue import faults
from tests.faults.fault import Group
from tests.oracle.test_javascript import CHOSEN, OTHERS

README = " ".join((Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8").split())


def test_broken_implementations() -> None:
    assert f"- {len(faults())} broken implementations in five languages" in README
    planted = (*TABLE_FAULTS, *STEP_FAULTS, *SHELL_FAULTS, *LOOP_FAULTS)
    assert f"- {len(planted)} asyncio registries with one fault each" in README
    javascript = [each for each in faults().values() if each.group is Group.JAVASCRIPT]
    assert (
        f"of {len(javascript)} one-line faults of the JavaScript registry the tests plant"
        f" {len(CHOSEN) + len(OTHERS)} anew"
    ) in README
