#!/usr/bin/env bash
#
# One would expect: What has arrived before a connection was reset can be read, and then comes the
# error: so it is with the socket itself, and with the streams of Trio and anyio.
#
# What happens: asyncio's StreamReader takes the bytes off the socket as they come. Once it has met
# the error it raises that at every read, though it still has the bytes, and nothing public
# gets at them. So whether an answer is read that was followed by a reset depends on whether
# somebody was reading when it came.
#
# Seen with trio 0.35.0, anyio 4.16.0 and uvloop 0.23.0 on Python 3.11 and 3.13, on Linux:
# > socket: read b'answer', then ConnectionResetError
# > trio: read b'answer', then BrokenResourceError
# > anyio on asyncio: read b'answer', then BrokenResourceError
# > asyncio: read ConnectionResetError, then ConnectionResetError
# > asyncio on uvloop: read ConnectionResetError, then ConnectionResetError
#
# Why it matters for a stream registry: What an error does to the chunks that are queued is a choice
# (errored_backlog), and here one protocol has two answers. A pump from a socket loses the
# last chunks of a peer that ends with a reset, but only while its reader lags.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check \
    trio==0.35.0 anyio==4.16.0 uvloop==0.23.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import socket
import struct

import anyio
import trio
import uvloop

LINGER_NOT = struct.pack("ii", 1, 0)  # a close is a reset


class Peer:
    """Sends an answer, and resets the connection when it is told to."""

    def __init__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = self._server.getsockname()

    def answer(self):
        self._peer, _ = self._server.accept()
        self._peer.sendall(b"answer")

    def reset(self):
        self._peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self._peer.close()
        self._server.close()


async def twice(read):
    told = []
    for _ in range(2):
        try:
            told.append(repr(await read(9)))
        except (OSError, trio.BrokenResourceError, anyio.BrokenResourceError) as error:
            told.append(type(error).__name__)
    return ", then ".join(told)


async def by_socket():
    peer = Peer()
    here = socket.create_connection(peer.address)
    peer.answer()
    peer.reset()

    async def read(count):
        return here.recv(count)

    return await twice(read)


async def by_trio():
    peer = Peer()
    stream = await trio.open_tcp_stream(*peer.address)
    peer.answer()
    peer.reset()
    return await twice(stream.receive_some)


async def by_anyio():
    peer = Peer()
    stream = await anyio.connect_tcp(*peer.address)
    peer.answer()
    peer.reset()
    return await twice(stream.receive)


async def by_asyncio():
    peer = Peer()
    reader, writer = await asyncio.open_connection(*peer.address)
    peer.answer()
    while not reader._buffer:  # nothing public says that bytes are there
        await asyncio.sleep(0)
    peer.reset()
    while reader.exception() is None:
        await asyncio.sleep(0)
    told = await twice(reader.read)
    assert bytes(reader._buffer) == b"answer"
    writer.close()
    return told


print("socket: read", asyncio.run(by_socket()))
print("trio: read", trio.run(by_trio))
print("anyio on asyncio: read", anyio.run(by_anyio))
print("asyncio: read", asyncio.run(by_asyncio()))
uvloop.install()
print("asyncio on uvloop: read", asyncio.run(by_asyncio()))
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what arrived before the reset cannot be read."
