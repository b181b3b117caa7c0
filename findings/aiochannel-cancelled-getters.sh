#!/usr/bin/env bash
#
# One would expect: A consumer that asks an empty channel again and again with a time
# limit leaves nothing behind when the limit is over. asyncio.Queue removes the waiting
# getter at its cancellation.
#
# What happens: aiochannel keeps the cancelled future of every get that was given up, one
# for one, until somebody puts. The same goes for puts into a full channel, whose dead
# putters stay until the next get.
#
# Seen with aiochannel 1.4.1 on Python 3.11 and 3.13:
# > aiochannel 1.4.1, 5,000 operations given up
# > asyncio.Queue.get: 0 futures kept, 0 after the next operation
# > aiochannel get: 5,000 futures kept, 0 after the next operation
# > aiochannel put: 5,000 futures kept, 0 after the next operation
#
# Why it matters for a stream registry: Idle streams that are polled are the normal case
# of a server: a reader with a keep-alive of a second leaves 86,400 futures a day on each.
# A leak test that moves data between the polls sees nothing, because each put clears up.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aiochannel==1.4.1

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import gc
from importlib.metadata import version

import aiochannel

GIVEN_UP = 5_000


def futures():
    """Count the futures that are alive, to the nearest hundred."""
    gc.collect()
    return round(sum(isinstance(thing, asyncio.Future) for thing in gc.get_objects()), -2)


async def give_up(operation):
    """Start GIVEN_UP operations one after the other, and cancel each while it waits."""
    for _ in range(GIVEN_UP):
        task = asyncio.create_task(operation())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def report(name, wait, release):
    before = futures()
    await give_up(wait)
    kept = futures() - before
    release()
    after = futures() - before
    print(f"{name}: {kept:,} futures kept, {after:,} after the next operation")


async def main():
    print(f"aiochannel {version('aiochannel')}, {GIVEN_UP:,} operations given up")
    queue, channel = asyncio.Queue(), aiochannel.Channel()
    await report("asyncio.Queue.get", queue.get, lambda: queue.put_nowait(1))
    await report("aiochannel get", channel.get, lambda: channel.put_nowait(1))
    channel = aiochannel.Channel(1)
    channel.put_nowait(1)
    await report("aiochannel put", lambda: channel.put(2), channel.get_nowait)


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: every get that was given up stays in the channel."
