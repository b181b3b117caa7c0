"""Checks what was recorded: exchanges with an adapter, vectors, and recordings of registries.

`check` goes through a file once, line by line; `lines` reads the lines. `exchanges` compares
programs with their answers, and `follower` steps the model along a recording: it holds what the
registry held, not everything that happened.

To take another kind of line, name it in `check.Checker.take`.
"""

from streamstate.oracle.recordings.check import check
from streamstate.oracle.verdict.recording import FileDeviation, FileVerdict, Flaw, FlawKind, Outcome

__all__ = ["FileDeviation", "FileVerdict", "Flaw", "FlawKind", "Outcome", "check"]
