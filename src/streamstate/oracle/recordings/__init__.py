"""Checking what was recorded: exchanges with an adapter, and recordings of live registries.

`check` goes through a file once, line by line. It holds what the registry held, not what was.
"""

from streamstate.oracle.recordings.check import check
from streamstate.oracle.verdict.recording import Deviation, Flaw, FlawKind, Outcome, Verdict

__all__ = ["Deviation", "Flaw", "FlawKind", "Outcome", "Verdict", "check"]
