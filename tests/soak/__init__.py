"""Endurance: registries in use for as long as you like, and what must still hold then.

`python -m tests.soak --minutes 60`. `pipes`, `pumps` and `mixed` say what tasks and threads do,
`running` with which registries and on which loops, `levels` and `troubles` what is amiss. `plants`
has faults, each of which a run must find.
"""
