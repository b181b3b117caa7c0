#!/usr/bin/env bash
#
# One would expect: write() takes the bytes as they are at the call. "This method does not
# block; it buffers the data", says the documentation, and asks nobody to leave the data alone.
#
# What happens: Since Python 3.12 asyncio keeps a view of what it could not send at once, and
# does not copy it. A bytearray that the caller fills again for its next chunk is sent as it
# is by then: the first bytes as they were, the rest as they have become. Before 3.12 asyncio
# copied what it kept. uvloop keeps a view with each Python, rloop copies.
#
# Seen with Python 3.11, 3.12 and 3.13, beside uvloop 0.23.0 and rloop 0.5.0:
# > asyncio before 3.12: all as written
# > asyncio since 3.12: the beginning as written, the rest as changed
# > uvloop 0.23.0: the beginning as written, the rest as changed
# > rloop 0.5.0: all as written
#
# Why it matters for a stream registry: A host that packs its frames into one buffer sends
# wrong ones as soon as the other side is slow, and only then: a small chunk leaves at once.
# drain() is no help, since it returns while up to 64 KiB wait. Write bytes, or wait until
# the buffer of the transport is empty.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check uvloop==0.23.0 rloop==0.5.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import socket
import sys
from importlib.metadata import version

import rloop
import uvloop

SIZE = 1_000_000


async def main():
    """Write a million bytes, change them, and tell what arrives."""
    sending, receiving = socket.socketpair()
    sending.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    sending.setblocking(False)
    receiving.setblocking(False)
    _, writer = await asyncio.open_connection(sock=sending)
    buffer = bytearray(b"w" * SIZE)
    writer.write(buffer)
    buffer[:] = b"c" * SIZE
    got = b""
    while len(got) < SIZE:
        got += await asyncio.get_running_loop().sock_recv(receiving, SIZE)
    writer.transport.abort()
    receiving.close()
    written = got.count(b"w")
    assert got == b"w" * written + b"c" * (SIZE - written) and written > 0
    return "all as written" if written == SIZE else "the beginning as written, the rest as changed"


since = "since" if sys.version_info >= (3, 12) else "before"
for name, factory in (
    (f"asyncio {since} 3.12", asyncio.new_event_loop),
    (f"uvloop {version('uvloop')}", uvloop.new_event_loop),
    (f"rloop {version('rloop')}", rloop.new_event_loop),
):
    with asyncio.Runner(loop_factory=factory) as runner:
        print(f"{name}: {runner.run(main())}")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
case "$seen" in
    *since*) other=before ;;
    *) other=since ;;
esac
if [ "$seen" != "$(sed -n 's/^# > //p' "$0" | grep -v "^asyncio $other")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what is changed after a write is sent changed, by some."
