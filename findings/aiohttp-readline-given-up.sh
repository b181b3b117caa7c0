#!/usr/bin/env bash
#
# One would expect: A `readline` of a body that is given up leaves the beginning of the line in the
# stream, and the next read has it. aiohttp's StreamReader has the methods of asyncio's, which
# keeps what it has until the line is whole.
#
# What happens: aiohttp's `readline`, `readuntil` and `readexactly`, and its loop over lines, take
# what has come out of the buffer while they wait for the rest. Who gives one of them up loses
# that. The next read begins in the middle of the line, and nothing is raised.
#
# Seen with aiohttp 3.14.5, and with the StreamReader of Python 3.11 and 3.13, which all have
# "abc" when the read begins, and "def" and a newline after it was given up:
# > asyncio, readline given up: the rest is b'abcdef\n'
# > asyncio, readexactly given up: the rest is b'abcdef\n'
# > aiohttp 3.14.5, readline given up: the rest is b'def\n'
# > aiohttp 3.14.5, readexactly given up: the rest is b'def\n'
# > aiohttp 3.14.5, readuntil given up: the rest is b'def\n'
# > aiohttp 3.14.5, the loop over lines given up: the rest is b'def\n'
#
# Why it matters for a stream registry: A service that sends one JSON text a line is read with a
# time limit for each, since it may be idle. A limit that falls into a line cuts its head off,
# and the rest of it may even parse. Keep the read that was not done, and wait for it again
# with asyncio.wait.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aiohttp==3.14.5

cat > "$work/probe.py" <<'PYTHON'
import asyncio

import aiohttp
from aiohttp import web

READS = {
    "readline": lambda reader: reader.readline(),
    "readexactly": lambda reader: reader.readexactly(6),
    "readuntil": lambda reader: reader.readuntil(b"\n"),
    "the loop over lines": lambda reader: anext(aiter(reader)),
}
OF_ASYNCIO = ["readline", "readexactly"]


async def give_up(read):
    """Begin a read that has to wait, and cancel it."""
    task = asyncio.ensure_future(read)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def of_asyncio():
    for name in OF_ASYNCIO:
        reader = asyncio.StreamReader()
        reader.feed_data(b"abc")
        await give_up(READS[name](reader))
        reader.feed_data(b"def\n")
        reader.feed_eof()
        print(f"asyncio, {name} given up: the rest is {await reader.read()}")


async def of_aiohttp():
    go_on = asyncio.Event()

    async def halves(request):
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"abc")
        await go_on.wait()
        await response.write(b"def\n")
        return response

    app = web.Application()
    app.router.add_get("/", halves)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with aiohttp.ClientSession() as session:
        for name, read in READS.items():
            go_on.clear()
            async with session.get(url) as response:
                while response.content.total_bytes < 3:
                    await asyncio.sleep(0)
                await give_up(read(response.content))
                go_on.set()
                rest = await response.content.read()
            print(f"aiohttp {aiohttp.__version__}, {name} given up: the rest is {rest}")
    await runner.cleanup()


async def main():
    await of_asyncio()
    await of_aiohttp()


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what a read had when it was given up is lost."
