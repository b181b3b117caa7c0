"""The oracle over every broken shim, with the whole default plan: `python -m
tests.broken.check_shims [NAME …]`. Ends with 1 if one conforms, or a sound one does not.

The tests put the vectors through all of them, and a small plan through some. This takes minutes.
"""

from __future__ import annotations

import sys
from time import perf_counter

from streamstate.model import REFERENCE
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.verdict.verdict import CONFORMS, DEVIATES, Verdict
from tests.broken.shims import FAULTS, SOUND

SHIMS = "tests.broken.shims"


def verdict_of(name: str) -> Verdict:
    """What the oracle says of that shim."""
    command = (sys.executable, "-m", SHIMS, name)
    return check(lambda: ChildImplementation(command), REFERENCE)


def main(chosen: list[str]) -> int:
    """Print a row for each shim. How many were judged wrongly, but 1 at most."""
    expected = dict.fromkeys(SOUND, CONFORMS) | dict.fromkeys(FAULTS, DEVIATES)
    wrong = []
    print("| shim | verdict | programs that deviate | rules named | seconds |")
    print("|---|---|---|---|---|")
    for name in chosen or expected:
        began = perf_counter()
        verdict = verdict_of(name)
        tally = verdict.tally
        rules = ", ".join(dict.fromkeys(each.rule.name for each in verdict.deviations))
        deviating = f"{tally.deviating:,} of {tally.programs:,}"
        seconds = perf_counter() - began
        print(f"| {name} | {verdict.outcome} | {deviating} | {rules} | {seconds:.0f} |", flush=True)
        if verdict.outcome != expected[name]:
            wrong.append(name)
    print(f"\nJudged wrongly: {', '.join(wrong) or 'none'}")
    return min(len(wrong), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
