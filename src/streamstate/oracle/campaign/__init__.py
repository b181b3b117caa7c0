"""Driving the programs of a plan, comparing every answer, keeping what is needed later.

`driving` groups differences by the rule that was to apply and the kind of difference.
`runner` runs single programs on the same implementation, for whoever asks afterwards.
`mistakes` recognises what is wrong with an adapter and not with what it adapts.
"""
