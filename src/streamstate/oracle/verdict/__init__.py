"""What a check says, as frozen results: all reports read these and nothing else.

A `Verdict` holds the `Tally` of what was run and the `Deviation`s, one for each cause; `comparing`
says where a reply first differs from what was expected, and in which way.

To say more in reports, add a field here, then let diagnosis fill it in and reports show it.
"""
