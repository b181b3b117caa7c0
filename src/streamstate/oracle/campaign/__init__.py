"""Drives the programs of a plan, compares every answer, and keeps what is needed later.

`driving` groups differences by the rule that applied and the kind of difference. `merging` makes
one tally of those of the shards of a plan. `runner` runs single programs on the same
implementation, for whoever asks afterwards. `mistakes` recognises what is wrong with an adapter,
and not with what it adapts.
"""
