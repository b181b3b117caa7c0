#!/usr/bin/env bash
#
# One would expect: A merge iterates its sources simultaneously and forwards their items as
# soon as they are available, as its documentation says. So of two sources that always have
# an item, each gets its turn.
#
# What happens: As long as the source that was named first has items, the others are not
# begun: of 1,000 items none is from the second source. If the first has paused once, so that
# the second was begun, it is the same: the second reads one item more, and waits with it
# within the merge. flatten() chooses in the same way. A first source that pauses for each of
# its items lets the others in.
#
# Seen with aiostream 0.8.1, beside aioitertools 0.13.0, on Python 3.11 and 3.13:
# > aiostream 0.8.1: of 1,000 items 1,000 from the first source, 0 from the second
# > aiostream 0.8.1, flatten: of 1,000 items 1,000 from the first source, 0 from the second
# > aiostream 0.8.1, once both are under way: of 1,000 items 1,000 from the first source, 0 from the second
# > aiostream 0.8.1, the first pauses for each: of 1,000 items 200 from the first source, 800 from the second
# > aioitertools 0.13.0: of 1,000 items 500 from the first source, 500 from the second
#
# Why it matters for a stream registry: Who merges streams of several guests, or chunks and
# a stream of commands, gives whoever is busiest and came first all there is. A stop that
# comes as an item of the second source is never seen.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aiostream==0.8.1 \
    aioitertools==0.13.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from collections import Counter
from importlib.metadata import version

from aioitertools.asyncio import as_generated
from aiostream import stream

AIOSTREAM = f"aiostream {version('aiostream')}"


async def endless(name, turns=1, pause=0):
    """A source that always has an item after so many turns, and pauses before its first."""
    for _ in range(pause):
        await asyncio.sleep(0)
    while True:
        for _ in range(turns):
            await asyncio.sleep(0)
        yield name


async def count(items):
    """How many of the first thousand items come from which source."""
    counts = Counter()
    async for name in items:
        counts[name] += 1
        if counts.total() == 1_000:
            break
    return (
        f"of 1,000 items {counts['first']:,} from the first source,"
        f" {counts['second']:,} from the second"
    )


async def main():
    both = stream.merge(endless("first"), endless("second"))
    async with both.stream() as items:
        print(f"{AIOSTREAM}: {await count(items)}")

    sources = stream.iterate([endless("first"), endless("second")])
    async with stream.flatten(sources).stream() as items:
        print(f"{AIOSTREAM}, flatten: {await count(items)}")

    under_way = stream.merge(endless("first", pause=50), endless("second"))
    async with under_way.stream() as items:
        assert await anext(items) == "second"
        while await anext(items) == "second":
            pass
        print(f"{AIOSTREAM}, once both are under way: {await count(items)}")

    pausing = stream.merge(endless("first", turns=9), endless("second"))
    async with pausing.stream() as items:
        print(f"{AIOSTREAM}, the first pauses for each: {await count(items)}")

    items = as_generated([endless("first"), endless("second")])
    print(f"aioitertools {version('aioitertools')}: {await count(items)}")


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: only the source that was named first comes through."
