#!/usr/bin/env bash
#
# One would expect: An error of a sink is told to who emitted, or to somebody, and the items after
# it are treated as those before: so it is without a buffer, where `emit` raises for the bad
# item and the next one arrives.
#
# What happens: With a `buffer` before the sink, one bad item ends the branch for good. The task
# that empties the buffer is gone, and nobody starts another. `emit` is done at once for every
# further item until the buffer is full, and none of them arrives. The error itself is at
# most a line in the log of the loop.
#
# Seen with streamz 0.6.6 on Python 3.11 and 3.13:
# > streamz 0.6.6
# > without a buffer: emitted [1, 3, 4], failed [2], arrived [1, 3, 4]
# > with a buffer of 9: emitted [1, 2, 3, 4], failed [], arrived [1]
#
# Why it matters for a stream registry: A pump that dies and leaves its stream open looks, from
# the producer's side, like a slow consumer: first pushes are accepted, then there is no room
# any more. Whoever takes chunks out has to end the stream when it fails.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check streamz==0.6.6

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import logging
from importlib.metadata import version

from streamz import Stream


async def run(name, between):
    emitted, failed, arrived = [], [], []

    def sink(item):
        if item == 2:
            raise ValueError("a bad item")
        arrived.append(item)

    source = Stream(asynchronous=True)
    between(source).sink(sink)
    for item in (1, 2, 3, 4):
        try:
            await source.emit(item)
            emitted.append(item)
        except ValueError:
            failed.append(item)
        for _ in range(100):  # enough for whatever can go on
            await asyncio.sleep(0)
    print(f"{name}: emitted {emitted}, failed {failed}, arrived {arrived}")


async def main():
    logging.disable()  # where the error is a line
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    await run("without a buffer", lambda source: source.map(lambda item: item))
    await run("with a buffer of 9", lambda source: source.buffer(9))


print("streamz", version("streamz"))
asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: one bad item stops a buffered branch, and emitting goes on."
