#!/usr/bin/env bash
#
# One would expect: puts that wait for room in an asyncio.Queue are let in in the order in
# which they began to wait, as gets are served, and before any put that comes later.
#
# What happens: a get only wakes the oldest put that waits. Whoever puts before that task
# has run takes the room, and the overtaken put then begins to wait anew, behind all
# others. So of three puts that wait the oldest comes last after one such put, and a task
# that gets and puts in a loop keeps another from ever putting. Trio's memory channel
# lets the oldest sender in at the receive itself.
#
# Seen with Python 3.11 and 3.13, beside trio 0.35.0:
# > nobody comes between: first, oldest, second, third
# > one put after the get: first, new, second, third, oldest
# > a task gets and puts 1,000 times: the put that waited before it still waits
# > trio: a send after the receive is refused; first, oldest, second, third
#
# Why it matters for a stream registry: "first come, first served" among producers is what
# makes the order of chunks that of the calls. Who builds send on this queue has chunks of
# one producer overtaken by another's, under load only.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check trio==0.35.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio

import trio
from trio.testing import wait_all_tasks_blocked


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def three_waiting():
    queue = asyncio.Queue(1)
    queue.put_nowait("first")
    tasks = []
    for name in ("oldest", "second", "third"):
        tasks.append(asyncio.create_task(queue.put(name)))
        await settle()
    return queue, tasks


async def order(*, overtaken):
    queue, tasks = await three_waiting()
    got = [queue.get_nowait()]
    if overtaken:
        queue.put_nowait("new")
    await settle()
    while not queue.empty():
        got.append(queue.get_nowait())
        await settle()
    await asyncio.gather(*tasks)
    return ", ".join(got)


async def main():
    print("nobody comes between:", await order(overtaken=False))
    print("one put after the get:", await order(overtaken=True))

    queue = asyncio.Queue(1)
    queue.put_nowait("first")
    waiting = asyncio.create_task(queue.put("waits"))
    await settle()
    for number in range(1_000):
        await queue.get()
        await queue.put(number)
        await asyncio.sleep(0)
    how = "is done" if waiting.done() else "still waits"
    print("a task gets and puts 1,000 times: the put that waited before it", how)
    waiting.cancel()


async def in_trio():
    send, receive = trio.open_memory_channel(1)
    send.send_nowait("first")
    async with trio.open_nursery() as nursery:
        for name in ("oldest", "second", "third"):
            nursery.start_soon(send.send, name)
            await wait_all_tasks_blocked()
        got = [receive.receive_nowait()]
        try:
            send.send_nowait("new")
            answer = "accepted"
        except trio.WouldBlock:
            answer = "refused"
        for _ in range(3):
            got.append(receive.receive_nowait())
    print(f"trio: a send after the receive is {answer}; {', '.join(got)}")


asyncio.run(main())
trio.run(in_trio)
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a put that waits is overtaken, and then waits behind all others."
