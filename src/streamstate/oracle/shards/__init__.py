"""The reports of shards, put together again: N machines run a part of the plan each, and what they
found is one verdict.

`read_verdict` reads a JSON report, and `whole` makes one verdict of those of all shards. What such
a report says is checked as far as a verdict is made of it; whether it tells the truth is for
whoever ran it.
"""

from streamstate.oracle.shards.belonging import Part
from streamstate.oracle.shards.fields import ReportError
from streamstate.oracle.shards.joining import whole
from streamstate.oracle.shards.reading import read_verdict

__all__ = ["Part", "ReportError", "read_verdict", "whole"]
