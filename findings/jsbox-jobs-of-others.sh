#!/usr/bin/env bash
#
# One would expect: Promise jobs that a script has started are done when its eval returns,
# as an engine does them at the end of a script; or else they are done by the next eval.
#
# What happens: jsbox does promise jobs only in an eval whose own result is a promise, or
# in eval_async, and stops as soon as that promise is settled. Jobs of a script that
# returns anything else stay, through any number of further evals, until an unrelated eval
# happens to return a promise, and are then done within it and its time limit. If such a
# job calls a host function that raises, the exception is told to nobody: that later eval
# returns its own value. STPyV8 does all jobs before eval returns, though it does not tell
# of the error either.
#
# Seen with jsbox 0.1.3, stpyv8 13.1.201.22 on Python 3.11 and 3.13:
# > jsbox 0.1.3
# >   a script that pushes in a job: 1, pushed []
# >   another script: 2, pushed ['direct']
# >   a script whose result is a promise: 3, pushed ['late']
# >   a script whose job is refused: 4, pushed []
# >   a second one with a promise: 5, pushed ['refused']
# >   a promise that settles before its jobs: 6, pushed []
# > stpyv8 13.1.201.22
# >   a script that pushes in a job: 1, pushed ['late']
# >   another script: 2, pushed ['direct']
# >   a script whose result is a promise: JSObject, pushed []
# >   a script whose job is refused: 4, pushed ['refused']
# >   a second one with a promise: JSObject, pushed []
# >   a promise that settles before its jobs: JSObject, pushed ['after']
#
# Why it matters for a stream registry: A guest whose handler is not "async" but pushes in
# a then() pushes nothing, until another request comes; its push then happens in that
# other request, and its error is lost. A host must end each turn with an eval that
# returns a promise, and must catch errors inside its own host functions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check jsbox==0.1.3 stpyv8==13.1.201.22

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import jsbox
import STPyV8


class Refused(Exception):
    pass


pushed = []


def push(chunk):
    pushed.append(chunk)
    if chunk == "refused":
        raise Refused


SCRIPTS = {
    "a script that pushes in a job": "Promise.resolve().then(() => push('late')); 1",
    "another script": "push('direct'); 2",
    "a script whose result is a promise": "(async () => { await null; return 3 })()",
    "a script whose job is refused": "Promise.resolve().then(() => push('refused')); 4",
    "a second one with a promise": "(async () => { await null; return 5 })()",
    "a promise that settles before its jobs": """(async () => {
        Promise.resolve().then(() => 0).then(() => 0).then(() => push('after'))
        return 6
    })()""",
}


def report(name, evaluate):
    print(name, version(name))
    for what, script in SCRIPTS.items():
        pushed.clear()
        try:
            result = evaluate(script)
        except Refused:
            result = "raises Refused"
        shown = result if isinstance(result, int | str) else type(result).__name__
        print(f"  {what}: {shown}, pushed {pushed}")


class Host(STPyV8.JSClass):
    push = staticmethod(push)


runtime = jsbox.Runtime()
runtime.bind_function("push", push)
report("jsbox", runtime.eval)
with STPyV8.JSContext(Host()) as context:
    report("stpyv8", context.eval)
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: the jobs of one script are done, and their errors lost, in another."
