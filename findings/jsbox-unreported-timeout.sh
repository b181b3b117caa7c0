#!/usr/bin/env bash
#
# One would expect: A script that is stopped because its time is over makes eval raise
# JsTimeoutError, wherever in the script it was.
#
# What happens: If it was in a promise job that the script's own result does not wait
# for, jsbox stops the job, and then returns the result as if all had gone well. What
# the job had still to do is not done, then or later. A job that the result waits for is
# reported.
#
# Seen with jsbox 0.1.3 on Python 3.11 and 3.13:
# > jsbox 0.1.3
# > the result waits for the job: raises JsTimeoutError, pushed ['first']
# > nobody waits for the job: returns 'sent', pushed ['first']
# > a later script: returns 'later', pushed []
#
# Why it matters for a stream registry: A handler that sends its body in the background
# and answers at once is cut off in the middle of the body, and the host takes it for a
# success: the stream stays open, and whoever pulls waits. A host must look at its own
# clock after each turn, and treat a turn that took the whole limit as one that failed.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check jsbox==0.1.3

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import jsbox

SEND = """
    globalThis.send = async () => {
        await null
        push('first')
        const end = Date.now() + 2000
        while (Date.now() < end) { }
        push('last')
    }
    undefined
"""
SCRIPTS = {
    "the result waits for the job": "(async () => { await send(); return 'sent' })()",
    "nobody waits for the job": "(async () => { send(); return 'sent' })()",
    "a later script": "(async () => { await null; return 'later' })()",
}


async def main():
    print("jsbox", version("jsbox"))
    pushed = []
    runtime = jsbox.Runtime()
    runtime.bind_function("push", pushed.append)
    runtime.eval(SEND)
    for what, script in SCRIPTS.items():
        pushed.clear()
        try:
            outcome = f"returns {await runtime.eval_async(script, timeout=0.5)!r}"
        except jsbox.JsTimeoutError as error:
            outcome = f"raises {type(error).__name__}"
        print(f"{what}: {outcome}, pushed {pushed}")


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a script that was stopped in the middle returns its result."
