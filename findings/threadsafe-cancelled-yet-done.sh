#!/usr/bin/env bash
#
# One would expect: A get that another thread started with `run_coroutine_threadsafe`, and that it
# cancels in time, either brings its item or leaves it in the queue: asyncio's queue keeps that
# promise for a task that is cancelled.
#
# What happens: `cancel()` answers True, and `cancelled()` too, from then on. The task behind it
# is only told in a later turn of the loop, and if an item was put before that, it has taken
# the item and ended well. Its result goes nowhere: the future was cancelled already. So a
# cancel that succeeded has lost the item, and Task.cancel() at the same moment has not.
#
# Seen with Python 3.11 and 3.13, on the loops of asyncio and of uvloop 0.23.0 alike:
# > Task.cancel(): cancelled True, the get ended by being cancelled, the queue has the item
# > cancel() of the thread's future: cancelled True, the get ended well, the queue has nothing
# > uvloop
# > Task.cancel(): cancelled True, the get ended by being cancelled, the queue has the item
# > cancel() of the thread's future: cancelled True, the get ended well, the queue has nothing
#
# Why it matters for a stream registry: A blocking pull for other threads, with a timeout, cannot
# be made of `run_coroutine_threadsafe` and `cancel`, as the documentation's example has it:
# every timeout can lose a chunk. The registry has to be asked who came first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check uvloop==0.23.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import threading

import uvloop


async def waits_in(queue, ended):
    try:
        item = await queue.get()
    except asyncio.CancelledError:
        ended.append("by being cancelled")
        raise
    ended.append("well")
    return item


async def quiet():
    for _ in range(100):
        await asyncio.sleep(0)


def left(queue):
    return "has nothing" if queue.empty() else "has the item"


async def by_task():
    queue, ended = asyncio.Queue(), []
    task = asyncio.create_task(waits_in(queue, ended))
    await quiet()
    queue.put_nowait("item")
    task.cancel()
    await quiet()
    print(f"Task.cancel(): cancelled {task.cancelled()}, the get ended {ended[0]},"
          f" the queue {left(queue)}")


async def by_thread():
    queue, ended, told = asyncio.Queue(), [], []
    loop, put = asyncio.get_running_loop(), threading.Event()

    def other_thread():
        future = asyncio.run_coroutine_threadsafe(waits_in(queue, ended), loop)
        started.set()
        put.wait()
        told.extend((future.cancel(), future.cancelled()))

    started = threading.Event()
    thread = threading.Thread(target=other_thread)
    thread.start()
    started.wait()
    await quiet()
    queue.put_nowait("item")
    put.set()
    thread.join()  # in the same turn of the loop the thread cancels
    await quiet()
    assert told[0]
    print(f"cancel() of the thread's future: cancelled {told[1]}, the get ended {ended[0]},"
          f" the queue {left(queue)}")


asyncio.run(by_task())
asyncio.run(by_thread())
print("uvloop")
uvloop.run(by_task())
uvloop.run(by_thread())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a cancel that succeeded has lost the item."
