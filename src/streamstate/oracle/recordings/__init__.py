"""Checking what was recorded: exchanges with an adapter, and recordings of live registries.

`check` goes through a file once, line by line. It holds what the registry held, not what was.
"""

from streamstate.oracle.recordings.check import check
from streamstate.oracle.verdict.recording import FileDeviation, FileVerdict, Flaw, FlawKind, Outcome

__all__ = ["FileDeviation", "FileVerdict", "Flaw", "FlawKind", "Outcome", "check"]
