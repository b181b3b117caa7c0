#!/usr/bin/env bash
#
# One would expect: An exception of a host function that the guest catches is over: the
# next call works, the script goes on and has its value.
#
# What happens: The guest does catch it and goes on. But the next host call throws in
# the guest, although the host did it to its end, and if there is none, eval raises
# SystemError ("returned a result with an exception set") and the value is lost.
# quickjs-rs does neither.
#
# Seen with quickjs-ng 0.17.0.2, quickjs-rs 0.2.6 on Python 3.11 and 3.13:
# > quickjs-ng 0.17.0.2, quickjs-rs 0.2.6
# > quickjs-ng, catches and returns: raises SystemError, queue []
# > quickjs-ng, catches and pushes elsewhere: raises JSException, queue ['chunk']
# > quickjs-rs, catches and returns: returns sent, queue []
# > quickjs-rs, catches and pushes elsewhere: returns sent, queue ['chunk']
#
# Why it matters for a stream registry: A host that refuses a push raises, and a guest
# that expects this catches it and pushes elsewhere. That push is told to have failed
# though its chunk is in the queue, so a guest that tries once more sends it twice. Host
# functions must not raise there, but return what went wrong, for a shim in the guest to
# throw.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check quickjs-ng==0.17.0.2 quickjs-rs==0.2.6

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import quickjs
import quickjs_rs

SCRIPTS = {
    "catches and returns": "try { push('full', 'chunk') } catch (error) { }; 'sent'",
    "catches and pushes elsewhere": """
        try { push('full', 'chunk') } catch (error) { push('empty', 'chunk') }
        'sent'
    """,
}


class Full(Exception):
    pass


def report(name, evaluate, bind):
    queue = []

    def push(stream, chunk):
        if stream == "full":
            raise Full
        queue.append(chunk)

    bind("push", push)
    for what, script in SCRIPTS.items():
        queue.clear()
        try:
            outcome = f"returns {evaluate(script)}"
        except Exception as error:
            outcome = f"raises {type(error).__name__}"
        print(f"{name}, {what}: {outcome}, queue {queue}")


print(f"quickjs-ng {version('quickjs-ng')}, quickjs-rs {version('quickjs-rs')}")
context = quickjs.Context()
report("quickjs-ng", context.eval, context.add_callable)
with quickjs_rs.Runtime() as runtime, runtime.new_context() as context:
    report("quickjs-rs", context.eval, context.register)
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an exception that the guest has caught fails what comes next."
