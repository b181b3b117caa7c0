#!/usr/bin/env bash
#
# One would expect: Bytes that cross between Python and a JavaScript engine are copied, as
# every other engine for Python does it: what is handed over stays as it was.
#
# What happens: pythonmonkey shares the memory both ways. A Uint8Array arrives as a
# writable memoryview of the guest's own buffer: what the guest writes afterwards changes
# the chunk that the host keeps, and what the host writes changes the guest's. A bytearray
# given to the guest is changed from both sides too, and can no longer grow: append raises
# BufferError for as long as the guest has it. Lists and dicts are shared in the same way.
#
# Seen with pythonmonkey 1.4.1, quickjs-rs 0.2.6 on Python 3.11 and 3.13:
# > pythonmonkey 1.4.1, quickjs-rs 0.2.6
# > quickjs-rs: the queue holds [b'\x01\x01', b'\x02\x02', b'\x03\x03'] bytes
# > pythonmonkey: the queue holds [b'\x03\x03', b'\x03\x03', b'\x03\x03'] memoryview
# > pythonmonkey: the host writes 9, the guest reads 9,3
# > pythonmonkey: a bytearray abc is b'xbz' and 120,98,122
# > pythonmonkey: append: BufferError
# > pythonmonkey: a list [1] is [1, 2.0]
#
# Why it matters for a stream registry: A guest that fills one buffer again and again, as
# stream code does to spare allocations, overwrites every chunk that waits in the queue:
# all of them end as the last. A registry must copy at push, not at pull, and a test needs
# a guest that reuses its buffer to notice.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check pythonmonkey==1.4.1 quickjs-rs==0.2.6

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import pythonmonkey
import quickjs_rs

REUSE_ONE_BUFFER = """
    globalThis.buffer = new Uint8Array(2);
    for (const chunk of [1, 2, 3]) { buffer.fill(chunk); push(buffer) }
"""


def report(name, evaluate, bind):
    queue = []
    bind("push", queue.append)
    evaluate(REUSE_ONE_BUFFER)
    print(f"{name}: the queue holds", [bytes(chunk) for chunk in queue], type(queue[0]).__name__)
    return queue


async def main():
    print(f"pythonmonkey {version('pythonmonkey')}, quickjs-rs {version('quickjs-rs')}")
    with quickjs_rs.Runtime() as runtime, runtime.new_context() as context:
        report("quickjs-rs", context.eval, context.register)

    evaluate = pythonmonkey.eval
    bind = evaluate("(name, value) => { globalThis[name] = value }")
    queue = report("pythonmonkey", evaluate, bind)
    queue[0][0] = 9
    print("pythonmonkey: the host writes 9, the guest reads", evaluate("String(buffer)"))

    mine = bytearray(b"abc")
    bind("given", mine)
    mine[0] = ord("x")
    evaluate("given[2] = 122")
    print("pythonmonkey: a bytearray abc is", bytes(mine), "and", evaluate("String(given)"))
    try:
        mine.append(0)
    except BufferError as refusal:
        print("pythonmonkey: append:", type(refusal).__name__)
    items = [1]
    bind("given", items)
    evaluate("given.push(2)")
    print("pythonmonkey: a list [1] is", items)


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: chunks that crossed are still written to from the other side."
