"""The conformance oracle: anything that answers the wire is compared with the model.

    from streamstate.model import REFERENCE
    from streamstate.oracle import ChildImplementation, as_text, check

    verdict = check(lambda: ChildImplementation(["node", "adapter.mjs"]), REFERENCE)
    print(*(line.text for line in as_text(verdict)), sep="\\n")

What is here is for users, and stays. Behind it are eight rooms, each with its theory in its own
docstring: `programs` (what is asked, what the model answers), `adapters` (how implementations are
run), `verdict` (what is said), `suites` (what is run), `campaign` (driving and comparing),
`diagnosis` (from differences to causes), `recordings` (what was recorded, checked later) and
`reports` (a verdict for its readers). `checking` goes through them in turn.

Names are imported when they are first used: an adapter in Python needs few of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from streamstate.oracle.adapters.budget import Budget
    from streamstate.oracle.adapters.child import ChildImplementation
    from streamstate.oracle.adapters.implementation import (
        ExchangeError,
        Fault,
        Hello,
        Implementation,
        Opener,
        Request,
    )
    from streamstate.oracle.adapters.inprocess import InProcessImplementation
    from streamstate.oracle.adapters.team import in_parallel
    from streamstate.oracle.checking import check, check_any
    from streamstate.oracle.joining import whole
    from streamstate.oracle.reports.as_json import as_json
    from streamstate.oracle.reports.html import as_html
    from streamstate.oracle.reports.junit import as_junit
    from streamstate.oracle.reports.reading import Part, ReportError, read_verdict
    from streamstate.oracle.reports.terminal import as_text
    from streamstate.oracle.suites.plan import DEFAULT_SEED, Planner, Suite, default_plan, only
    from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind
    from streamstate.oracle.verdict.known import Known
    from streamstate.oracle.verdict.verdict import Shard, Verdict

__all__ = [
    "DEFAULT_SEED",
    "Budget",
    "ChildImplementation",
    "Deviation",
    "Difference",
    "ExchangeError",
    "Fault",
    "Hello",
    "Implementation",
    "InProcessImplementation",
    "Kind",
    "Known",
    "Opener",
    "Part",
    "Planner",
    "ReportError",
    "Request",
    "Shard",
    "Suite",
    "Verdict",
    "as_html",
    "as_json",
    "as_junit",
    "as_text",
    "check",
    "check_any",
    "default_plan",
    "in_parallel",
    "only",
    "read_verdict",
    "whole",
]

_HOMES: Final = {
    "adapters.budget": ("Budget",),
    "adapters.child": ("ChildImplementation",),
    "adapters.implementation": (
        *("ExchangeError", "Fault", "Hello", "Implementation", "Opener", "Request"),
    ),
    "adapters.inprocess": ("InProcessImplementation",),
    "adapters.team": ("in_parallel",),
    "checking": ("check", "check_any"),
    "joining": ("whole",),
    "reports.as_json": ("as_json",),
    "reports.html": ("as_html",),
    "reports.junit": ("as_junit",),
    "reports.reading": ("Part", "ReportError", "read_verdict"),
    "reports.terminal": ("as_text",),
    "suites.plan": ("DEFAULT_SEED", "Planner", "Suite", "default_plan", "only"),
    "verdict.deviation": ("Deviation", "Difference", "Kind"),
    "verdict.known": ("Known",),
    "verdict.verdict": ("Shard", "Verdict"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a name from its room when somebody first uses it."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = found
    return found
