#!/usr/bin/env bash
#
# One would expect: A receive that is cancelled, or that runs into its timeout, says nothing about
# the connection. `close_code` is None while a WebSocket is open, and what was agreed once it is
# closed: 1000 for a normal closure.
#
# What happens: In aiohttp's client a receive that is given up sets close_code to 1006, "abnormal
# closure". The connection is open, and goes on to deliver. When it is closed later, as both
# sides agree, 1006 stays. aiohttp's server does not do so, nor does websockets.
#
# Seen with aiohttp 3.14.5, beside websockets 17.4, on Python 3.11 and 3.13:
# > aiohttp 3.14.5, nothing given up: open, close_code None; received 'two'; closed, close_code 1000
# > aiohttp 3.14.5, a receive given up: open, close_code 1006; received 'two'; closed, close_code 1006
# > aiohttp 3.14.5, the server gave up a receive: open, close_code None
# > websockets 17.4, a receive given up: open, close_code None; received 'two'; closed, close_code 1000
#
# Why it matters for a stream registry: The code of the closure is what tells an end from a break:
# `close` from `error`. A reader that once waited with a timeout reports every end as an error,
# and may throw away what is still queued.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aiohttp==3.14.5 websockets==17.4

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

from aiohttp import ClientSession, web
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

AIOHTTP, WEBSOCKETS = (f"{name} {version(name)}" for name in ("aiohttp", "websockets"))


async def give_up(receive):
    """Begin to receive where nothing comes, and cancel."""
    waiting = asyncio.create_task(receive())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()


class Answering:
    """A server of aiohttp that sends "one", and "two" when the client has said something."""

    gives_up = False

    async def handle(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.gives_up:
            await give_up(socket.receive)
            state = "closed" if socket.closed else "open"
            print(f"{AIOHTTP}, the server gave up a receive: {state}, close_code {socket.close_code}")
        await socket.send_str("one")
        await socket.receive()
        await socket.send_str("two")
        await socket.receive()
        return socket


async def by_aiohttp():
    answering, application = Answering(), web.Application()
    application.router.add_get("/", answering.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (host, port), = runner.addresses
    async with ClientSession() as session:
        for given_up in (False, True):
            async with session.ws_connect(f"http://{host}:{port}/") as socket:
                await socket.receive_str()
                if given_up:
                    await give_up(socket.receive)
                opened = f"{'closed' if socket.closed else 'open'}, close_code {socket.close_code}"
                await socket.send_str("go on")
                received = await socket.receive_str()
                await socket.close()
            how = "a receive given up" if given_up else "nothing given up"
            print(
                f"{AIOHTTP}, {how}: {opened}; received {received!r};"
                f" closed, close_code {socket.close_code}"
            )
        answering.gives_up = True
        async with session.ws_connect(f"http://{host}:{port}/") as socket:
            await socket.receive_str()
            await socket.send_str("go on")
            await socket.receive_str()
    await runner.cleanup()


async def by_websockets():
    async def handle(socket):
        await socket.send("one")
        await socket.recv()
        await socket.send("two")
        await socket.wait_closed()

    async with serve(handle, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with connect(f"ws://{host}:{port}/") as socket:
            await socket.recv()
            await give_up(socket.recv)
            opened = f"{socket.state.name.lower()}, close_code {socket.close_code}"
            await socket.send("go on")
            received = await socket.recv()
        print(
            f"{WEBSOCKETS}, a receive given up: {opened}; received {received!r};"
            f" closed, close_code {socket.close_code}"
        )


asyncio.run(by_aiohttp())
asyncio.run(by_websockets())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a receive that is given up looks like a broken connection."
