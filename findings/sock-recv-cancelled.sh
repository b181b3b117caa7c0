#!/usr/bin/env bash
#
# One would expect: `loop.sock_recv` that is cancelled, by a timeout for instance, has received
# nothing: what arrived is in the socket, for the next call. Nothing in its documentation says
# otherwise, and a StreamReader keeps that promise.
#
# What happens: The loop receives the bytes in one turn, and the task that waits has them in a later
# one. A cancel between the two ends with CancelledError, and the bytes are neither with the
# caller nor in the socket. So each timeout around sock_recv can tear a hole into the stream,
# in asyncio and in uvloop.
#
# Seen with uvloop 0.23.0 on Python 3.11 and 3.13, with a cancel in each of ten turns after the
# bytes have arrived:
# > asyncio, sock_recv: left for the next read, lost, received
# > asyncio, StreamReader.read: left for the next read, received
# > uvloop, sock_recv: left for the next read, lost, received
# > uvloop, StreamReader.read: left for the next read, received
#
# Why it matters for a stream registry: A pump that reads a socket under a timeout needs a reader with
# a buffer of its own, which a cancelled read leaves alone. "Cancelled" of the system call's
# wrapper means only that nobody will look at the result.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check uvloop==0.23.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import socket

import uvloop


async def turns(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def what_became(kind, turn):
    """Of bytes that had arrived so many turns before the read was cancelled."""
    loop = asyncio.get_running_loop()
    here, there = socket.socketpair()
    here.setblocking(False), there.setblocking(False)
    if kind == "sock_recv":
        read, close = (lambda: loop.sock_recv(here, 9)), here.close
    else:
        reader, writer = await asyncio.open_connection(sock=here)
        read, close = (lambda: reader.read(9)), writer.close
    task = asyncio.create_task(read())
    await turns(20)
    there.send(b"bytes")
    await turns(turn)
    task.cancel()
    await asyncio.wait([task])
    there.close()  # so that a second read ends, with what is left or with nothing
    left = await read()
    close()
    if not task.cancelled():
        return "received"
    return "left for the next read" if left else "lost"


async def main(name):
    for kind in ("sock_recv", "StreamReader.read"):
        became = [await what_became(kind, turn) for turn in range(10)]
        print(f"{name}, {kind}: {', '.join(dict.fromkeys(became))}")


asyncio.run(main("asyncio"))
uvloop.install()
asyncio.run(main("uvloop"))
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a cancelled sock_recv can have lost what it received."
