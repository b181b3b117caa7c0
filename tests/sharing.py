"""Which tests run in one process where there are several: those that share what takes long to make.

The tests of a file share what it remembers. Files that share more are named here, and those that
take longest, so that none of them is begun last, with the other processes idle. This is a scheduler
of pytest-xdist, which asks `_split_scope` for the unit that a test belongs to.
"""

from __future__ import annotations

from typing import Any, Final

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

TOGETHER: Final = (
    (
        *("oracle/test_reports", "oracle/test_html", "oracle/test_html_in_browser"),
        *("oracle/test_junit", "oracle/test_screen", "oracle/test_picture", "oracle/test_shards"),
        *("oracle/test_reading", "oracle/test_merge", "oracle/test_certificates"),
    ),
    ("spec/test_queues", "spec/test_compare", "spec/test_table"),
)
"""The verdicts of `oracle.reported` and `oracle.certified_plan`; the extracted program."""

LONGEST: Final = (
    *("agreement/test_exhaustive", "test_wheels", "spec/test_gate", "spec/test_statements"),
    *("oracle/test_javascript", "isolate/test_adapter", "oracle/test_hypotheses_found"),
    "cluster/test_campaign",
)
"""Begun first. Of the others those with the most tests are."""

_UNITS: Final = {f"tests/{file}.py": files[0] for files in TOGETHER for file in files}


def unit_of(nodeid: str) -> str:
    """What a test belongs to: all of that run in one process."""
    file = nodeid.partition("::")[0]
    return _UNITS.get(file, file)


class BySharing(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Gives each process whole units, the longest first."""

    def _assign_work_unit(self, node: Any) -> None:
        for file in LONGEST:
            if (unit := f"tests/{file}.py") in self.workqueue:
                self.workqueue.move_to_end(unit, last=False)
                break
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
