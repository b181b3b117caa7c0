#!/usr/bin/env bash
#
# One would expect: Asking an open stream that has nothing yet waits until something comes.
# It says that it has ended only once it is closed. So it is in the guest itself, and with
# every asynchronous iterator.
#
# What happens: A ReadableStream that a guest hands to Python ends there at the first read
# that finds it open and empty, if nothing else is under way in the guest. The StopAsyncIteration
# is the one of a proper end. What the guest enqueues from then on is lost to Python: enqueue
# raises nothing, and later reads say again that the stream has ended. A stream whose source
# is being pulled waits as it should.
#
# Seen with jsrun 0.3.0 on Python 3.11 and 3.13:
# > jsrun 0.3.0
# > a source that is pulled, and takes its time: first, second
# > a source that enqueues when asked by Python: first, ended; enqueue raises nothing; ended
#
# Why it matters for a stream registry: "Open and empty" and "ended" are the two states that a
# pull must tell apart, and a host that pushes into its guest, as a registry does, meets the
# first all the time. A loop `async for chunk in stream` leaves quietly, with half of the data.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check jsrun==0.3.0

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import jsrun

PULLED = """
const chunks = ["first", "second"];
new ReadableStream({
  async pull(controller) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    controller.enqueue(chunks.shift());
    if (chunks.length === 0) controller.close();
  },
});
"""
PUSHED = """
new ReadableStream({ start(controller) { globalThis.later = controller; } });
"""


async def read(stream):
    try:
        return await anext(stream)
    except StopAsyncIteration:
        return "ended"


async def main():
    print("jsrun", version("jsrun"))
    with jsrun.Runtime() as guest:
        stream = guest.eval(PULLED)
        chunks = [await read(stream), await read(stream)]
        print("a source that is pulled, and takes its time:", ", ".join(chunks))
    with jsrun.Runtime() as guest:
        stream = guest.eval(PUSHED)
        guest.eval("later.enqueue('first')")
        chunks = [await read(stream), await read(stream)]
        guest.eval("later.enqueue('second')")
        told = "enqueue raises nothing"
        print(f"a source that enqueues when asked by Python: {', '.join(chunks)}; {told}; "
              + await read(stream))


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a stream that is open and empty is said to have ended."
