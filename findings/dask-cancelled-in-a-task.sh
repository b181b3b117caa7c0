#!/usr/bin/env bash
#
# One would expect: result() of a future of dask.distributed raises what its task raised, as
# exception() returns it.
#
# What happens: Where the task ended with asyncio.CancelledError, as one does that awaits
# something cancelled, result() raises an UnboundLocalError about a variable of the
# client's own code. exception() has the right one.
#
# Seen with distributed 2026.8.0 on Python 3.11 and 3.13:
# > distributed 2026.8.0
# > a KeyError: result() raises KeyError('mine'), exception() is KeyError('mine')
# > a CancelledError: result() raises UnboundLocalError, exception() is CancelledError('mine')
# > something cancelled awaited: result() raises UnboundLocalError, exception() is CancelledError()
#
# Why it matters for a stream registry: A check of an asyncio registry gives up pulls by
# cancelling them. Where one of these cancellations gets out, which is a mistake that the
# check is there to find, the error that reaches its caller is about dask.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check distributed==2026.8.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import logging
from importlib.metadata import version

from distributed import Client

logging.getLogger("distributed").setLevel(logging.CRITICAL)


def raising(kind):
    def task():
        raise kind("mine")

    return task


def awaiting():
    async def main():
        waiting = asyncio.ensure_future(asyncio.sleep(3600))
        asyncio.get_running_loop().call_soon(waiting.cancel)
        await waiting

    asyncio.run(main())


print("distributed", version("distributed"))
with Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0") as client:
    for name, task in {
        "a KeyError": raising(KeyError),
        "a CancelledError": raising(asyncio.CancelledError),
        "something cancelled awaited": awaiting,
    }.items():
        future = client.submit(task, pure=False)
        try:
            future.result()
        except Exception as error:
            plain = repr(error) if isinstance(error, KeyError) else type(error).__name__
            print(f"{name}: result() raises {plain}, exception() is {future.exception()!r}")
PYTHON

seen=$(cd "$work" && timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: result() says nothing of what the task raised."
