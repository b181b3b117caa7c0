#!/usr/bin/env bash
#
# One would expect: A queue that is shut down gives away what was put before, and raises
# ShutDown only then: "by default, gets will only raise once the queue is empty" say the
# docstrings of gevent and of Python 3.13, whose method this is.
#
# What happens: In gevent a getter that waits is not handed the item when it is put, but in a
# later turn of the loop. If the producer shuts the queue down in the same turn, the getter
# is taken off the list and raises ShutDown, and the item stays behind. So the last item is
# lost if the consumer was idle, and is not if it was busy. janus, asyncio's queue with the
# same method, gives it away in both cases.
#
# Seen with gevent 26.9.0, janus 2.0.0 on Python 3.11 and 3.13:
# > gevent 26.9.0, busy consumer: seen [first, last, ShutDown], left 0
# > gevent 26.9.0, idle consumer: seen [first, ShutDown], left 1
# > janus 2.0.0, busy consumer: seen [first, last, ShutDown], left 0
# > janus 2.0.0, idle consumer: seen [first, last, ShutDown], left 0
#
# Why it matters for a stream registry: "put the last chunk, then close" is how every stream
# ends, and a reader that has caught up is the usual case. A check has to do both without a
# turn of the loop between them, while a pull waits: op after op, each left to settle, the
# two libraries are alike.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check gevent==26.9.0 janus==2.0.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import gevent
import gevent.queue
import janus


def told(library, consumer, seen, left):
    print(f"{library} {version(library)}, {consumer} consumer: seen [{', '.join(seen)}], left {left}")


def by_gevent(idle):
    queue, seen = gevent.queue.Queue(), []

    def consume():
        try:
            while True:
                seen.append(queue.get())
        except gevent.queue.ShutDown:
            seen.append("ShutDown")

    queue.put("first")
    consumer = gevent.spawn(consume)
    if idle:
        gevent.sleep(0)  # it has had the first, and waits
        assert seen == ["first"]
    queue.put("last")
    queue.shutdown()
    consumer.join()
    told("gevent", "idle" if idle else "busy", seen, queue.qsize())


async def by_janus(idle):
    queue, seen = janus.Queue(), []

    async def consume():
        try:
            while True:
                seen.append(await queue.async_q.get())
        except janus.AsyncQueueShutDown:
            seen.append("ShutDown")

    queue.async_q.put_nowait("first")
    consumer = asyncio.create_task(consume())
    if idle:
        for _ in range(9):
            await asyncio.sleep(0)
        assert seen == ["first"]
    queue.async_q.put_nowait("last")
    queue.shutdown()
    await consumer
    told("janus", "idle" if idle else "busy", seen, queue.async_q.qsize())


for idle in (False, True):
    by_gevent(idle)
for idle in (False, True):
    asyncio.run(by_janus(idle))
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an idle consumer loses the item that was put before the shutdown."
