#!/usr/bin/env bash
#
# One would expect: a non-blocking put into a queue without a maximum size always
# succeeds, and one into a queue of a hundred places succeeds while it holds fewer.
#
# What happens: aiologic's queues refuse it with QueueFull, at one item and at any
# maximum size, from the moment a put has woken a waiting getter until that getter has
# run. Until then the queue belongs to the getter, and a put that may not wait is told
# "full" where "busy" is meant. It never comes while nobody waits in get(), so it does not
# come in tests that put first. SimpleQueue, and culsans by the same author, do not do it.
#
# Seen with aiologic 0.17.1, culsans 0.11.0 on Python 3.11 and 3.13:
# > aiologic 0.17.1, culsans 0.11.0
# > nobody waits,   aiologic.Queue(): ok ok ok ok ok
# > a getter waits, aiologic.Queue(): ok QueueFull QueueFull QueueFull QueueFull
# > a getter waits, aiologic.Queue(100): ok QueueFull QueueFull QueueFull QueueFull
# > a getter waits, aiologic.PriorityQueue(): ok QueueFull QueueFull QueueFull QueueFull
# > once the getter has run, aiologic.Queue(): ok
# > a getter waits, aiologic.SimpleQueue(): ok ok ok ok ok
# > a getter waits, culsans.Queue(): ok ok ok ok ok
#
# Why it matters for a stream registry: a synchronous push that a host callback makes
# cannot wait. A registry that reads this QueueFull as back-pressure tells its producer
# "queue full" while the queue holds one chunk, or drops all of a burst but the first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aiologic==0.17.1 culsans==0.11.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import aiologic
import culsans


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


def burst(put, count=5):
    answers = []
    for item in range(count):
        try:
            put(item)
            answers.append("ok")
        except Exception as refusal:
            answers.append(type(refusal).__name__)
    return " ".join(answers)


def put_at_once(queue):
    return lambda item: queue.green_put(item, blocking=False)


async def with_getter(name, queue):
    getter = asyncio.create_task(queue.async_get())
    await settle()
    print(f"a getter waits, aiologic.{name}:", burst(put_at_once(queue)))
    await settle()
    assert getter.done()


async def main():
    print(f"aiologic {version('aiologic')}, culsans {version('culsans')}")
    print("nobody waits,   aiologic.Queue():", burst(put_at_once(aiologic.Queue())))
    unbounded = aiologic.Queue()
    await with_getter("Queue()", unbounded)
    await with_getter("Queue(100)", aiologic.Queue(100))
    await with_getter("PriorityQueue()", aiologic.PriorityQueue())
    print("once the getter has run, aiologic.Queue():", burst(put_at_once(unbounded), 1))
    await with_getter("SimpleQueue()", aiologic.SimpleQueue())

    queue = culsans.Queue()
    getter = asyncio.create_task(queue.async_q.get())
    await settle()
    print("a getter waits, culsans.Queue():", burst(queue.async_q.put_nowait))
    await getter


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a queue without a limit says that it is full."
