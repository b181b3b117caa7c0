#!/usr/bin/env bash
#
# One would expect: A contract of deal holds for an async generator as for a generator, whose items
# are checked one by one, and a coroutine, whose result is checked once it is awaited; or deal
# refuses to decorate what it cannot check.
#
# What happens: It takes an async generator for a function that returns one. What @deal.raises and
# @deal.safe forbid is raised and passes; @deal.post and @deal.ensure are asked once, at the call,
# before any of the body has run. A condition that looks at the result then compares a generator,
# and one that looks at what was changed is satisfied. Preconditions are checked.
#
# Seen with deal 4.24.6 on Python 3.11 and 3.13:
# > deal 4.24.6, function: safe: RaisesContractError, ensure: PostContractError
# > deal 4.24.6, coroutine: safe: RaisesContractError, ensure: PostContractError
# > deal 4.24.6, generator: safe: RaisesContractError, ensure: PostContractError
# > deal 4.24.6, async generator: safe: KeyError, ensure: nothing
#
# Why it matters for a stream registry: What yields the chunks of a stream is an async generator.
# Its contracts are there to be read, and none of its faults breaks them.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check deal==4.24.6

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import inspect
from importlib.metadata import version

import deal


class Queue:
    size = 0


def kinds(act):
    """The same body, as a function of each kind."""

    def function(queue):
        return act(queue)

    async def coroutine(queue):
        return act(queue)

    def generator(queue):
        yield act(queue)

    async def async_generator(queue):
        yield act(queue)

    return function, coroutine, generator, async_generator


def fail(queue):
    raise KeyError("of the body")


def shrink(queue):
    queue.size -= 1


async def use(function):
    """The error that a call raises that is awaited, or read to its end."""
    try:
        result = function(Queue())
        if inspect.isawaitable(result):
            await result
        elif inspect.isgenerator(result):
            list(result)
        elif inspect.isasyncgen(result):
            async for _ in result:
                pass
    except Exception as error:
        return type(error).__name__
    return "nothing"


async def main():
    never_negative = deal.ensure(lambda queue, result: queue.size >= 0)
    for failing, shrinking in zip(kinds(fail), kinds(shrink)):
        kind = failing.__name__.replace("_", " ")
        safe, ensure = await use(deal.safe(failing)), await use(never_negative(shrinking))
        print(f"deal {version('deal')}, {kind}: safe: {safe}, ensure: {ensure}")


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: of what an async generator does its contracts check nothing."
