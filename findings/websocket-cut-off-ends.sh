#!/usr/bin/env bash
#
# One would expect: A connection that breaks off without a closing handshake raises in the loop
# that reads it. A code of 1006, "abnormal closure", says that something may be missing, and
# the loop over a websockets connection raises ConnectionClosedError.
#
# What happens: The loop over `createWebSocketStream` of ws, and the one over an aiohttp
# WebSocket, end as they do after a proper closing. So they do if the peer says that it failed
# (1011). Of a message that was cut in its middle, nothing is told.
#
# Seen with ws 8.23.0 and Node 20, and aiohttp 3.14.5 and websockets 17.4 with Python 3.11 and
# 3.13, all of which read from one server:
# > ws 8.23.0, closed with 1000: first, ended
# > ws 8.23.0, closed with 1011: first, ended
# > ws 8.23.0, cut off: first, ended
# > ws 8.23.0, cut off within a message: first, ended
# > aiohttp 3.14.5, closed with 1000: first, ended
# > aiohttp 3.14.5, closed with 1011: first, ended
# > aiohttp 3.14.5, cut off: first, ended
# > aiohttp 3.14.5, cut off within a message: first, ended
# > websockets 17.4, closed with 1000: first, ended
# > websockets 17.4, closed with 1011: first, raised ConnectionClosedError
# > websockets 17.4, cut off: first, raised ConnectionClosedError
# > websockets 17.4, cut off within a message: first, raised ConnectionClosedError
#
# Why it matters for a stream registry: A channel adapter that closes its stream when the loop
# ends tells its consumer that all has come. It has to look at the code of the closing, which
# the stream of ws does not show, and to fail the stream unless that is 1000.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aiohttp==3.14.5 websockets==17.4
(cd "$work" && npm install --silent --no-audit --no-fund --no-save ws@8.23.0)

cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { createWebSocketStream, WebSocket } from "ws";

const stream = createWebSocketStream(new WebSocket(process.argv[2]), { encoding: "utf8" });
const seen = [];
try {
  for await (const chunk of stream) seen.push(chunk);
  seen.push("ended");
} catch (error) {
  seen.push(`raised ${error}`);
}
console.log(seen.join(", "));
JAVASCRIPT

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

import aiohttp
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve


async def cut_off(connection):
    """Abort the transport below the connection, once what was sent is gone."""
    connection.transport.close()


async def cut_off_within(connection):
    async def halves():
        yield "half"
        connection.transport.close()
        await connection.wait_closed()
        yield "the other half"

    try:
        await connection.send(halves())
    except Exception:
        pass


ENDS = {
    "closed with 1000": lambda connection: connection.close(1000),
    "closed with 1011": lambda connection: connection.close(1011, "broken"),
    "cut off": cut_off,
    "cut off within a message": cut_off_within,
}


async def by_ws(url):
    process = await asyncio.create_subprocess_exec(
        "node", sys.argv[1], url, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return out.decode().strip()


async def read(messages, seen):
    try:
        async for message in messages:
            seen.append(getattr(message, "data", message))
        seen.append("ended")
    except Exception as error:
        seen.append(f"raised {type(error).__name__}")
    return ", ".join(seen)


async def by_aiohttp(url):
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as connection:
        return await read(connection, [])


async def by_websockets(url):
    async with connect(url) as connection:
        return await read(connection, [])


READERS = {
    "ws 8.23.0": by_ws,
    f"aiohttp {version('aiohttp')}": by_aiohttp,
    f"websockets {version('websockets')}": by_websockets,
}


async def main():
    for reader, run in READERS.items():
        for end, finish in ENDS.items():

            async def handle(connection, finish=finish):
                await connection.send("first")
                await finish(connection)
                await connection.wait_closed()

            async with serve(handle, "127.0.0.1", 0) as server:
                port = server.sockets[0].getsockname()[1]
                print(f"{reader}, {end}: {await run(f'ws://127.0.0.1:{port}')}")


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work/probe.mjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a connection that was cut off looks like one that was closed."
