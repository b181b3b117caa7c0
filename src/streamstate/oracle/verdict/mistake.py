"""Mistakes that authors of adapters make, and what to do about each."""

from __future__ import annotations

from enum import Enum, unique


@unique
class Mistake(Enum):
    """What an adapter probably does wrong; the value says it, and what to do."""

    REUSED = (
        "Programs see what earlier ones left: the first create returns a higher number each time."
        " Run each program on a new registry."
    )
    LEFTOVERS = (
        "Programs see what earlier ones left: what deviates is answered rightly where it is run"
        " first, and wrongly once others were. Run each program on a new registry."
    )
    LIMITS = (
        "Limits are ignored: programs with limits are answered as is right without them."
        " Pass the limits of a program on to its registry, or remove limits from the capabilities."
    )
    UNPADDED = (
        "Chunks come in another base64 than they were sent in: without padding, or with - and _."
        " The alphabet is that of RFC 4648, section 4, padded with =."
    )
    EARLY = (
        "Pulls are told one op too late: an op may be answered only when the implementation is"
        " quiet, with everything settled that settles without another op."
    )
    CUT_LINES = (
        "Programs fail whose line is long: the adapter may read lines in part only."
        " Lines are longer than 64 KiB at times."
    )
