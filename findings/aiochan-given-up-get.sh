#!/usr/bin/env bash
#
# One would expect: A consumer that waits for a channel with a time limit, and gives up,
# leaves nothing behind: what is put afterwards waits for the next consumer. It is so with
# asyncio.Queue.
#
# What happens: aiochan keeps the cancelled future among those that wait. The next put
# hands it the value, which raises InvalidStateError in the producer, who did nothing
# wrong, and the value is gone. There is one such put for each get that was given up.
#
# Seen with aiochan 0.2.7 on Python 3.11 and 3.13:
# > asyncio.Queue, after 2 gets that were given up
# >   puts: a ok, b ok, c ok
# >   got: a b c
# > aiochan 0.2.7, after 2 gets that were given up
# >   puts: a InvalidStateError, b InvalidStateError, c ok
# >   got: c
#
# Why it matters for a stream registry: "Wait a moment for a chunk" is what every consumer
# with a keep-alive does, and here each of them turns a later chunk into an error of
# somebody else. A conformance check has to put after a pull was cancelled, and to look at
# what the producer is told as well as at what the next consumer gets.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aiochan==0.2.7

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import aiochan

GIVEN_UP = 2


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def give_up(get):
    task = asyncio.ensure_future(get())
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await settle()


def told(put, value):
    try:
        put(value)
    except Exception as error:
        return type(error).__name__
    return "ok"


async def report(name, channel):
    async def get():
        return await channel.get()

    print(f"{name}, after {GIVEN_UP} gets that were given up")
    for _ in range(GIVEN_UP):
        await give_up(get)
    puts = ", ".join(f"{value} {told(channel.put_nowait, value)}" for value in "abc")
    print(f"  puts: {puts}")
    consumers = [asyncio.ensure_future(get()) for _ in "abc"]
    await settle()
    print("  got:", *(each.result() for each in consumers if each.done()))
    for each in consumers:
        each.cancel()


async def main():
    await report("asyncio.Queue", asyncio.Queue(16))
    await report(f"aiochan {version('aiochan')}", aiochan.Chan(16))


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a get that was given up makes a later put fail, and its value is lost."
