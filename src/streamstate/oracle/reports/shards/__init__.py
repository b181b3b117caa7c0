"""JSON reports read back: N machines run a part of the plan each, and write a report each.

`read_verdict` reads a report; `oracle.joining` makes one verdict of those of all shards. What such
a report says is checked as far as a verdict is made of it; whether it tells the truth is for
whoever ran it.
"""

from streamstate.oracle.reports.shards.belonging import Part
from streamstate.oracle.reports.shards.fields import ReportError
from streamstate.oracle.reports.shards.reading import read_verdict

__all__ = ["Part", "ReportError", "read_verdict"]
