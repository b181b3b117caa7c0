#!/usr/bin/env bash
#
# One would expect: Of five writers that wait for room in a channel of one place, each
# gets its turn, as with asyncio.Queue, or at least none waits for good.
#
# What happens: asyncio-channel serves the first writer until it has nothing left to
# write, then the second, and so on. It wakes every waiting writer for each place, and the
# first to run is always the one that just wrote. The last writer's single message comes
# after all of the others' thousands. Nothing shows it: the order within each writer is
# right, and nothing is lost.
#
# Seen with asyncio-channel 0.10.1 on Python 3.11 and 3.13:
# > asyncio-channel 0.10.1
# > asyncio.Queue: 999 changes of writer, first 2x1 1x2 1x3 1x4 1x5
# > asyncio-channel: 5 changes of writer, first 200x1 200x2 200x3 200x4 200x5
#
# Why it matters for a stream registry: Back-pressure with one writer tells nothing about
# several. A registry that wakes all for one place has this fault and also does work that
# grows with writers times messages; the test that finds it counts the turns of each
# writer, not the messages that arrive.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check asyncio-channel==0.10.1

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version
from itertools import groupby

from asyncio_channel import create_channel

WRITERS, EACH = 5, 200


async def turns(put, get):
    """Let five writers write; tell in which order their messages came, run by run."""

    async def write(name):
        for _ in range(EACH):
            await put(name)

    tasks = [asyncio.create_task(write(name)) for name in range(1, WRITERS + 1)]
    came = [await get() for _ in range(WRITERS * EACH)]
    await asyncio.gather(*tasks)
    return [(name, len(list(run))) for name, run in groupby(came)]


def report(name, runs):
    shown = " ".join(f"{count}x{writer}" for writer, count in runs[:5])
    print(f"{name}: {len(runs)} changes of writer, first {shown}")


async def main():
    print("asyncio-channel", version("asyncio-channel"))
    queue = asyncio.Queue(1)
    report("asyncio.Queue", await turns(queue.put, queue.get))
    channel = create_channel(1)
    report("asyncio-channel", await turns(channel.put, channel.take))


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: one writer writes until it is done, and the others wait."
