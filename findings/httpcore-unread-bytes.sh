#!/usr/bin/env bash
#
# One would expect: Who leaves a streamed response early, by the end of `with`, as the
# documentation shows it, frees what that response held. Over HTTP/2 the client resets the
# stream and gives back what it had received of it to the window of the connection, so that
# the peer can go on with other responses.
#
# What happens: httpcore, and so httpx, does neither. The peer sends the rest of the body,
# and what the caller has not read counts as unread for ever. Each response left early takes
# from the 16 MiB that all responses of a connection share; once they are used up, the peer
# can send no body on this connection any more, and whoever waits for one waits. A response
# that is read to its end takes nothing. Node's client gives back what it received.
#
# Seen with httpcore 1.0.9 and h2 4.4.1, on Python 3.11 and 3.13, beside Node 20:
# > httpcore 1.0.9: after 90 that are read the peer may send 10,518,527 bytes; resets: 0
# > httpcore 1.0.9: after 90 that are left at the first chunk the peer may send 2,097,151 bytes; resets: 0
# > node's http2: after 90 that are left at the first chunk the next arrives whole, 163,840 bytes through a window of 65,535
#
# Why it matters for a stream registry: Pulling a few chunks of many long answers and
# cancelling the rest is what a guest does. It goes well a hundred times. Then all streams of
# the host stand still, those of other guests too, with no error; and what stops them is in
# none of the tests that open a new connection each time.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check "httpcore[asyncio]==1.0.9" h2==4.4.1

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import h2.config
import h2.connection
import h2.events
import httpcore

CHUNK = 16_384
NAME = f"httpcore {version('httpcore')}"


class Peer(httpcore.AsyncNetworkStream):
    """A server in memory, made of h2, that answers each request with ten chunks."""

    def __init__(self):
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self.h2.initiate_connection()
        self.resets = 0
        self.written = asyncio.Event()

    async def read(self, max_bytes, timeout=None):
        while not (data := self.h2.data_to_send(max_bytes)):
            self.written.clear()
            await self.written.wait()
        return data

    async def write(self, buffer, timeout=None):
        for event in self.h2.receive_data(buffer):
            match event:
                case h2.events.RequestReceived(stream_id=stream):
                    self.h2.send_headers(stream, [(":status", "200")])
                    for _ in range(10):
                        self.h2.send_data(stream, bytes(CHUNK))
                    self.h2.end_stream(stream)
                case h2.events.StreamReset():
                    self.resets += 1
        self.written.set()

    async def aclose(self):
        pass

    def get_extra_info(self, info):
        return None


async def answer(connection, *, leave):
    """Ask once, and read the response to its end, or only its first chunk."""
    async with connection.stream("GET", "https://peer/") as response:
        async for _ in response.aiter_stream():
            if leave:
                break


async def main():
    for leave, told in ((False, "are read"), (True, "are left at the first chunk")):
        peer = Peer()
        origin = httpcore.Origin(b"https", b"peer", 443)
        connection = httpcore.AsyncHTTP2Connection(origin, peer)
        for _ in range(90):
            await answer(connection, leave=leave)
        room, resets = peer.h2.outbound_flow_control_window, peer.resets
        print(f"{NAME}: after 90 that {told} the peer may send {room:,} bytes; resets: {resets}")


asyncio.run(main())
PYTHON

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { connect, createServer } from "node:http2";

const server = createServer((request, response) => response.end(Buffer.alloc(10 * 16_384)));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const client = connect(`http://127.0.0.1:${server.address().port}`);

/** Ask once, and read the response to its end, or only its first chunk. */
function answer({ leave }) {
  const request = client.request();
  let length = 0;
  request.on("data", (chunk) => {
    length += chunk.length;
    if (leave) request.close();
  });
  return new Promise((closed) => request.on("close", () => closed(length)));
}

for (let count = 0; count < 90; count++) await answer({ leave: true });
const length = await answer({ leave: false });
console.log("node's http2: after 90 that are left at the first chunk the next arrives whole,",
  `${length.toLocaleString("en")} bytes through a window of 65,535`);
process.exit();
JAVASCRIPT

seen=$(
    timeout 60 "$work/venv/bin/python" "$work/probe.py"
    timeout 60 node "$work/probe.mjs"
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what is left unread is taken from all others on the connection."
