#!/usr/bin/env bash
#
# One would expect: A merge of asynchronous generators asks each source for its next item
# when the last one was taken, or a little ahead: a slow consumer slows the sources down.
#
# What happens: as_generated of aioitertools reads every source to its end at full speed
# and holds all items in a queue without a limit. After the consumer has taken one item,
# all of a source's ten thousand are made and kept. It takes no argument that would bound
# this. aiostream's merge makes one item for each source.
#
# Seen with aioitertools 0.13.0, aiostream 0.8.1 on Python 3.11 and 3.13:
# > aioitertools 0.13.0, aiostream 0.8.1
# > as_generated: 10000 items made
# > aiostream merge: 1 items made
#
# Why it matters for a stream registry: Put between a registry's streams and a slow
# consumer, it undoes their back-pressure: the producer is never told that the queue is
# full, and the memory is taken in a place that no limit of the registry counts. With
# sources that are shorter than the test's limit everything looks right.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aioitertools==0.13.0 aiostream==0.8.1

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import aiostream
from aioitertools.asyncio import as_generated

ITEMS = 10_000


async def source(made):
    for item in range(ITEMS):
        made.append(item)
        yield item
        await asyncio.sleep(0)


async def made_for_one_taken(merged, made):
    await anext(merged)
    for _ in range(2 * ITEMS):
        await asyncio.sleep(0)
    await merged.aclose()
    return len(made)


async def main():
    print(f"aioitertools {version('aioitertools')}, aiostream {version('aiostream')}")
    made = []
    merged = as_generated([source(made)])
    print("as_generated:", await made_for_one_taken(merged, made), "items made")
    made = []
    merge = aiostream.stream.merge(source(made))
    async with merge.stream() as merged:
        print("aiostream merge:", await made_for_one_taken(merged, made), "items made")


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: one item is taken, and the source is read to its end."
