#!/usr/bin/env bash
#
# One would expect: Of two timers the one that is due first runs first. asyncio's documentation
# leaves the order open only for timers that are due at exactly the same time.
#
# What happens: uvloop counts timers in whole milliseconds, and rounds. Timers that round to the
# same one run in the order in which they were set, though call_at() was given other times. asyncio
# and rloop keep to the times.
#
# Seen with uvloop 0.23.0, beside rloop 0.5.0, on Python 3.11 and 3.13:
# > asyncio: set for 20.4, 20.3, 20.2, 20.1 ms, run in the order 20.1, 20.2, 20.3, 20.4
# > uvloop 0.23.0: set for 20.4, 20.3, 20.2, 20.1 ms, run in the order 20.4, 20.3, 20.2, 20.1
# > rloop 0.5.0: set for 20.4, 20.3, 20.2, 20.1 ms, run in the order 20.1, 20.2, 20.3, 20.4
#
# Why it matters for a stream registry: A deadline of a pull, and just after it the one that
# closes its stream: under uvloop the close may come first, and the pull ends with another cause.
# What has an order needs one timer for both.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check uvloop==0.23.0 rloop==0.5.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from collections import Counter
from importlib.metadata import version

import rloop
import uvloop

DUE = (20.4, 20.3, 20.2, 20.1)


async def order():
    """Set four timers, and tell in which order they ran."""
    loop, ran = asyncio.get_running_loop(), []
    start = loop.time()
    for milliseconds in DUE:
        loop.call_at(start + milliseconds / 1_000, ran.append, milliseconds)
    await asyncio.sleep(0.03)
    return ", ".join(map(str, ran))


async def usual_order():
    """The order in most of nine rounds: one may be interrupted while it sets its timers."""
    (usual, _), = Counter([await order() for _ in range(9)]).most_common(1)
    return usual


for name, factory in (
    ("asyncio", asyncio.new_event_loop),
    (f"uvloop {version('uvloop')}", uvloop.new_event_loop),
    (f"rloop {version('rloop')}", rloop.new_event_loop),
):
    with asyncio.Runner(loop_factory=factory) as runner:
        ran = runner.run(usual_order())
    print(f"{name}: set for {', '.join(map(str, DUE))} ms, run in the order {ran}")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a timer that is due later runs first."
