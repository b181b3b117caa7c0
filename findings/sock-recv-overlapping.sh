#!/usr/bin/env bash
#
# One would expect: Of two sock_recv() that wait on one socket each gets what comes, in turn, or the
# second is refused with an error, as read() of a StreamReader is.
#
# What happens: In asyncio and uvloop the second takes the place of the first, without a word.
# What comes goes to the second; the first never settles, whatever comes later. Trio refuses the
# second.
#
# Seen with Python 3.11 and 3.13, uvloop 0.23.0, beside trio 0.35.0:
# > asyncio: first pending, second b'1'; two more bytes later: first pending
# > uvloop 0.23.0: first pending, second b'1'; two more bytes later: first pending
# > trio 0.35.0: first b'1', second BusyResourceError
#
# Why it matters for a stream registry: A pull that is made anew while the last one waits leaves the
# last one for ever, and whoever awaits it. Who reads a socket needs a line of its own in front.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check uvloop==0.23.0 trio==0.35.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import socket
from importlib.metadata import version

import trio
import trio.testing
import uvloop


async def quiet():
    """Enough turns of the loop for whatever can go on."""
    for _ in range(100):
        await asyncio.sleep(0)


def state(task):
    if not task.done():
        return "pending"
    error = task.exception()
    return type(error).__name__ if error else repr(task.result())


async def overlapping():
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    loop = asyncio.get_running_loop()
    first = asyncio.create_task(loop.sock_recv(reading, 1))
    await quiet()
    second = asyncio.create_task(loop.sock_recv(reading, 1))
    await quiet()
    writing.send(b"1")
    await quiet()
    told = f"first {state(first)}, second {state(second)}"
    writing.send(b"23")
    await quiet()
    told += f"; two more bytes later: first {state(first)}"
    first.cancel()
    await asyncio.wait([first, second])
    reading.close()
    writing.close()
    return told


async def in_trio():
    reading, writing = trio.socket.socketpair()
    ends = {}

    async def receive(name):
        try:
            ends[name] = repr(await reading.recv(1))
        except trio.BusyResourceError as error:
            ends[name] = type(error).__name__

    async with trio.open_nursery() as nursery:
        for name in ("first", "second"):
            nursery.start_soon(receive, name)
            await trio.testing.wait_all_tasks_blocked()
        await writing.send(b"1")
    return f"first {ends['first']}, second {ends['second']}"


for name, factory in (
    ("asyncio", asyncio.new_event_loop),
    (f"uvloop {version('uvloop')}", uvloop.new_event_loop),
):
    with asyncio.Runner(loop_factory=factory) as runner:
        print(f"{name}: {runner.run(overlapping())}")
print(f"trio {version('trio')}: {trio.run(in_trio)}")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a receive that overlaps another abandons it."
