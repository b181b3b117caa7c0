#!/usr/bin/env bash
#
# One would expect: Every branch of a tee of a stream that fails sees the same: the items,
# and then the error.
#
# What happens: With asyncstdlib's tee only the branch that reaches the end first is told
# of the error. Every other branch gets the same items and then ends as if the stream were
# complete, so a stream that broke off in the middle looks like a short one. itertools.tee
# of a generator has the same gap, which is where one would not look; aioitertools.tee
# gives the error, the very same object, to all.
#
# Seen with asyncstdlib 3.14.0, aioitertools 0.13.0 on Python 3.11 and 3.13:
# > asyncstdlib 3.14.0, aioitertools 0.13.0
# > asyncstdlib.tee, branch 1: ['one', 'two'] and the same error
# > asyncstdlib.tee, branch 2: ['one', 'two'] and a clean end
# > asyncstdlib.tee, branch 3: ['one', 'two'] and a clean end
# > aioitertools.tee, branch 1: ['one', 'two'] and the same error
# > aioitertools.tee, branch 2: ['one', 'two'] and the same error
# > aioitertools.tee, branch 3: ['one', 'two'] and the same error
# > itertools.tee, branch 1: ['one', 'two'] and the same error
# > itertools.tee, branch 2: ['one', 'two'] and a clean end
#
# Why it matters for a stream registry: A tee of a stream has to say what a branch that
# lags sees of an error: the registry's "an error stays" is one answer, this is another. A
# test with one consumer, or with two that read in step, finds no difference; one that
# lets a branch read everything before the other starts does.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check asyncstdlib==3.14.0 aioitertools==0.13.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import itertools
from importlib.metadata import version

import aioitertools
import asyncstdlib

ERROR = ConnectionError("broke off")


async def source():
    yield "one"
    yield "two"
    raise ERROR


def plain_source():
    yield "one"
    yield "two"
    raise ERROR


async def all_of(branch):
    seen = []
    try:
        async for item in branch:
            seen.append(item)
        return f"{seen} and a clean end"
    except ConnectionError as error:
        return f"{seen} and the {'same' if error is ERROR else 'another'} error"


async def report(name, branches):
    for number, branch in enumerate(branches, 1):
        print(f"{name}, branch {number}: {await all_of(branch)}")


async def main():
    print(f"asyncstdlib {version('asyncstdlib')}, aioitertools {version('aioitertools')}")
    await report("asyncstdlib.tee", asyncstdlib.tee(source(), n=3))
    await report("aioitertools.tee", aioitertools.tee(source(), 3))
    plain = itertools.tee(plain_source(), 2)
    await report("itertools.tee", [asyncstdlib.iter(branch) for branch in plain])


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a failed stream looks complete to all branches but one."
