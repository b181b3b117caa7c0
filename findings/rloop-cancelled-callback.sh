#!/usr/bin/env bash
#
# One would expect: A callback whose handle was cancelled before it ran does not run. That is
# all that the documentation of asyncio says of cancel(), and what a handle is for.
#
# What happens: rloop's handles of call_soon() and call_soon_threadsafe() forget the cancel:
# the callback runs all the same. A timer that is cancelled does not run. The handle of
# call_soon() has no cancelled() to ask.
#
# Seen with rloop 0.5.0, beside uvloop 0.23.0, on Python 3.11 and 3.13:
# > asyncio: call_soon cancelled, call_soon_threadsafe cancelled, call_later cancelled; cancelled() True
# > uvloop 0.23.0: call_soon cancelled, call_soon_threadsafe cancelled, call_later cancelled; cancelled() True
# > rloop 0.5.0: call_soon runs, call_soon_threadsafe runs, call_later cancelled; cancelled() AttributeError
#
# Why it matters for a stream registry: A registry that schedules what follows from an op, and
# takes it back when the next op makes it void, settles pulls twice or wakes a stream that was
# deleted. The unit tests pass, on asyncio's loop.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check rloop==0.5.0 uvloop==0.23.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import rloop
import uvloop


async def main():
    """Schedule in each way, cancel at once, and tell what ran after that."""
    loop, ran = asyncio.get_running_loop(), set()
    ways = {
        "call_soon": loop.call_soon,
        "call_soon_threadsafe": loop.call_soon_threadsafe,
        "call_later": lambda *call: loop.call_later(0.001, *call),
    }
    for name, way in ways.items():
        handle = way(ran.add, name)
        handle.cancel()
    await asyncio.sleep(0.01)  # beyond the timer; the others need a turn
    told = ", ".join(f"{name} {'runs' if name in ran else 'cancelled'}" for name in ways)
    handle = loop.call_soon(ran.add, "asked")
    handle.cancel()
    try:
        asked = handle.cancelled()
    except AttributeError:
        asked = "AttributeError"
    return f"{told}; cancelled() {asked}"


for name, factory in (
    ("asyncio", asyncio.new_event_loop),
    (f"uvloop {version('uvloop')}", uvloop.new_event_loop),
    (f"rloop {version('rloop')}", rloop.new_event_loop),
):
    with asyncio.Runner(loop_factory=factory) as runner:
        print(f"{name}: {runner.run(main())}")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a callback that was cancelled runs."
