"""A long run of registries in use. Ends with 1 if anything is amiss, and says what."""

from __future__ import annotations

import argparse
import platform
import sys
from collections import Counter
from random import SystemRandom
from time import monotonic

from streamstate.registry import StreamStateRegistry, build
from tests.soak.plants import PLANTS
from tests.soak.running import Soak, loops


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.5, help="0.5 if not given")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    parser.add_argument("--plant", choices=PLANTS, help="a fault that the run has to find")
    chosen = parser.parse_args()
    print(f"CPython {platform.python_version()}, registry {build()}, seed {chosen.seed}")
    print(f"loops: {'; '.join(loops())}", flush=True)
    soak = Soak(chosen.seed, PLANTS.get(chosen.plant, StreamStateRegistry))
    began = monotonic()
    soak.run(lambda: monotonic() < began + 60 * chosen.minutes)
    report(soak, monotonic() - began)
    return 1 if soak.troubles.found else 0


def report(soak: Soak, seconds: float) -> None:
    print(f"{soak.levels.rounds:,} rounds, {soak.laps:,} laps, {seconds:,.0f} s")
    print(f"{soak.ops.total():,} ops in lockstep: {_listed(soak.ops)}")
    print(f"tasks and pulls: {_listed(soak.happened)}")
    for series in soak.levels.series if soak.levels.enough else ():
        print(series)
    for trouble in soak.troubles.found:
        print(f"amiss: {trouble}")
    print("nothing amiss" if not soak.troubles.found else f"{len(soak.troubles.found)} amiss")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
