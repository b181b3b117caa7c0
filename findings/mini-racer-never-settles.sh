#!/usr/bin/env bash
#
# One would expect: A call of the guest to a wrapped Python function settles, whatever becomes of
# the function: its result fulfils the promise, and everything else rejects it. So it is with
# the exceptions of Python, and with a time limit.
#
# What happens: The promise of a call that was cancelled in the host never settles. Nor does that of
# a call that was under way when the host left `wrap_py_function`, which cancels it, nor that
# of a call that is made afterwards: the function is still there, can be called, and answers
# with a promise for nothing.
#
# Seen with mini-racer 0.14.1 on Python 3.11 and 3.13:
# > mini-racer 0.14.1
# > the function raises ValueError: rejected
# > the function raises TimeoutError: rejected
# > what the function awaits is cancelled: never settled
# > the host leaves wrap_py_function meanwhile: never settled
# > the guest calls after the host has left: never settled
#
# Why it matters for a stream registry: A cancel is what a registry does to the pulls of a stream
# that is torn down. The guest then waits for ever in `await pull()`, past its own `finally`, and
# whoever awaits the guest waits with it. A host function has to turn a cancellation into an
# exception of its own before it ends.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check mini-racer==0.14.1

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

from py_mini_racer import MiniRacer

CALL = """
state = "never settled";
pull().then(() => void (state = "fulfilled"), () => void (state = "rejected"));
called();
"""


async def raises():
    raise ValueError


async def times_out():
    raise TimeoutError


async def cancelled():
    waiting = asyncio.get_running_loop().create_future()
    waiting.cancel()
    await waiting


async def waits():
    await asyncio.Event().wait()


async def settle(guest):
    """Let all that can go on go on: a call that was made later has come back."""
    for _ in range(5):
        await guest.eval("called()")


async def main():
    print("mini-racer", version("mini-racer"))
    guest = MiniRacer()
    guest.eval("var pull, called, state;")
    root = guest.eval("globalThis")

    async def nothing():
        return None

    async with guest.wrap_py_function(nothing) as root["called"]:
        for name, function in [
            ("the function raises ValueError", raises),
            ("the function raises TimeoutError", times_out),
            ("what the function awaits is cancelled", cancelled),
        ]:
            async with guest.wrap_py_function(function) as root["pull"]:
                guest.eval(CALL)
                await settle(guest)
                print(f"{name}: {guest.eval('state')}")
        async with guest.wrap_py_function(waits) as root["pull"]:
            guest.eval(CALL)
            await settle(guest)
        await settle(guest)
        print(f"the host leaves wrap_py_function meanwhile: {guest.eval('state')}")
        guest.eval(CALL)
        await settle(guest)
        print(f"the guest calls after the host has left: {guest.eval('state')}")


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a call that was cancelled in the host never settles in the guest."
