#!/usr/bin/env bash
#
# One would expect: Getters that wait on a queue are served in the order in which they came, and one
# whose item somebody else took first is still the next.
#
# What happens: `get_nowait` may take an item for which a getter was woken that has not yet run. That
# getter then goes to the end of the line, behind all that came after it. So who has waited
# longest is served last. It is so in asyncio's queue, and in janus, culsans and aiochannel,
# which are made like it. asyncio-channel lets it keep its place, and in anyio and aiologic
# an item that has a getter cannot be taken by another.
#
# Seen with janus 2.0.0, culsans 0.11.0, aiochannel 1.4.1, asyncio-channel 0.10.1, anyio 4.16.0 and
# aiologic 0.17.1 on Python 3.11 and 3.13, with getters 1, 2 and 3 in this order:
# > asyncio: get_nowait takes the item, then they are served in the order 2, 3, 1
# > janus: get_nowait takes the item, then they are served in the order 2, 3, 1
# > culsans: get_nowait takes the item, then they are served in the order 2, 3, 1
# > aiochannel: get_nowait takes the item, then they are served in the order 2, 3, 1
# > asyncio-channel: get_nowait takes the item, then they are served in the order 1, 2, 3
# > anyio: get_nowait takes nothing, then they are served in the order 1, 2, 3
# > aiologic: get_nowait takes nothing, then they are served in the order 1, 2, 3
#
# Why it matters for a stream registry: "Pulls are answered in their order" is not what such a queue
# does, though every test that puts and gets one at a time says so. A poll in between is
# enough to give the chunks of one stream to its readers in another order.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check janus==2.0.0 culsans==0.11.0 \
    aiochannel==1.4.1 asyncio-channel==0.10.1 anyio==4.16.0 aiologic==0.17.1

cat > "$work/probe.py" <<'PYTHON'
import asyncio

import aiochannel
import aiologic
import anyio
import asyncio_channel
import culsans
import janus


def by_asyncio():
    queue = asyncio.Queue()
    return queue.put_nowait, queue.get_nowait, queue.get


def by_janus():
    queue = janus.Queue().async_q
    return queue.put_nowait, queue.get_nowait, queue.get


def by_culsans():
    queue = culsans.Queue().async_q
    return queue.put_nowait, queue.get_nowait, queue.get


def by_aiochannel():
    channel = aiochannel.Channel(9)
    return channel.put_nowait, channel.get_nowait, channel.get


def by_asyncio_channel():
    channel = asyncio_channel.create_channel(9)
    return channel.offer, channel.poll, channel.take


def by_anyio():
    send, receive = anyio.create_memory_object_stream(9)
    return send.send_nowait, receive.receive_nowait, receive.receive


def by_aiologic():
    queue = aiologic.Queue()
    return (lambda item: queue.green_put(item, blocking=False),
            lambda: queue.green_get(blocking=False), queue.async_get)


async def quiet():
    for _ in range(100):
        await asyncio.sleep(0)


async def order(name, made):
    put, get_nowait, get = made()
    served = []

    async def getter(number):
        await get()
        served.append(str(number))

    tasks = [asyncio.create_task(getter(number)) for number in (1, 2, 3)]
    await quiet()
    put("first")
    try:
        took = "the item" if get_nowait() == "first" else "another"
    except Exception:
        took = "nothing"
    for item in ("second", "third", "fourth"):
        await quiet()
        put(item)
    await asyncio.gather(*tasks)
    print(f"{name}: get_nowait takes {took}, then they are served in the order {', '.join(served)}")


async def main():
    await order("asyncio", by_asyncio)
    await order("janus", by_janus)
    await order("culsans", by_culsans)
    await order("aiochannel", by_aiochannel)
    await order("asyncio-channel", by_asyncio_channel)
    await order("anyio", by_anyio)
    await order("aiologic", by_aiologic)


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" -W ignore "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: the longest waiter is served last."
