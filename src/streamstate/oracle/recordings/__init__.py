"""Checks what was recorded: exchanges with an adapter, vectors, and recordings of registries.

`check` goes through a file once, line by line; `lines` reads the lines. `exchanges` compares
programs with their answers, and `follower` steps the model along a recording: it holds what the
registry held, not everything that happened. `check_split` has `shares` of it judged elsewhere.

To take another kind of line, name it in `check.Checker.take`.
"""

from streamstate.oracle.recordings.check import check
from streamstate.oracle.recordings.shares import Judged, Piece, judge
from streamstate.oracle.recordings.splitting import Begin, check_split
from streamstate.oracle.verdict.recording import FileDeviation, FileVerdict, Flaw, Outcome

__all__ = [
    "Begin",
    "FileDeviation",
    "FileVerdict",
    "Flaw",
    "Judged",
    "Outcome",
    "Piece",
    "check",
    "check_split",
    "judge",
]
