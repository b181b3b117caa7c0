#!/usr/bin/env bash
#
# One would expect: `notify(1)` of a Condition wakes one of those who wait. If that one is
# cancelled before it can act on it, another is woken in its place, or the one that was woken
# runs to its end first, as with anyio's Condition on asyncio. A notification is not lost.
#
# What happens: A task that trio's `notify` has chosen still waits for the lock, and can be
# cancelled there. Then the notification has gone with it: nobody else is woken, and everybody
# waits, though what they wait for is there.
#
# Seen with trio 0.35.0 and anyio 4.16.0 on Python 3.11 and 3.13, with two consumers that wait
# for items under a Condition:
# > anyio 4.16.0: put and notify(1), nobody is cancelled: consumer 0 took it
# > anyio 4.16.0: put and notify(1), consumer 0 is cancelled: consumer 0 took it
# > trio 0.35.0: put and notify(1), nobody is cancelled: consumer 0 took it
# > trio 0.35.0: put and notify(1), consumer 0 is cancelled: nobody took it, 1 item waits beside 1 consumer
#
# Why it matters for a stream registry: A queue of one's own is a list and a Condition. With
# trio it hangs after a time limit that ran out in the wrong moment, with an item in it, until
# the next put. A cancelled wait has to notify once more before it leaves.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check trio==0.35.0 anyio==4.16.0

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import anyio
import trio
import trio.testing


async def run(condition, scopes, nursery, quiet):
    """Put one item, and cancel the first consumer, if it has a scope to cancel, before the
    producer lets go of the lock."""
    items = []
    waiting = []
    took = []

    async def consume(number, scope):
        with scope:
            async with condition:
                waiting.append(number)
                try:
                    while not items:
                        await condition.wait()
                finally:
                    waiting.remove(number)
                items.pop()
                took.append(number)

    for number, (scope, _) in enumerate(scopes):
        nursery.start_soon(consume, number, scope)
        await quiet()
    async with condition:
        items.append("item")
        condition.notify(1)
        for scope, cancels in scopes:
            if cancels:
                scope.cancel()
        await quiet()
    await quiet()
    told = f"nobody took it, {len(items)} item waits beside {len(waiting)} consumer"
    if took:
        told = f"consumer {took[0]} took it"
    nursery.cancel_scope.cancel()
    return told


async def by_anyio(cancels):
    scopes = [(anyio.CancelScope(), cancels), (anyio.CancelScope(), False)]
    async with anyio.create_task_group() as nursery:
        return await run(anyio.Condition(), scopes, nursery, anyio.wait_all_tasks_blocked)


async def by_trio(cancels):
    scopes = [(trio.CancelScope(), cancels), (trio.CancelScope(), False)]
    async with trio.open_nursery() as nursery:
        return await run(
            trio.Condition(), scopes, nursery, trio.testing.wait_all_tasks_blocked
        )


for library, start, by in [("anyio", anyio.run, by_anyio), ("trio", trio.run, by_trio)]:
    for cancels, what in [(False, "nobody"), (True, "consumer 0")]:
        print(
            f"{library} {version(library)}: put and notify(1), {what} is cancelled: "
            f"{start(by, cancels)}"
        )
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a notification is lost with the task that was cancelled."
