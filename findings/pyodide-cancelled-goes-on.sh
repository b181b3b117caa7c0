#!/usr/bin/env bash
#
# One would expect: An exception of Python that passes through JavaScript and comes back to Python
# is what it was. Pyodide does so: raised by a host function, thrown on by JavaScript, it is the
# very same object again.
#
# What happens: Only if no promise is on the way, and no other exception has crossed since. After
# an `await` in JavaScript it is a JsException, of which only the text tells what it was. So is
# CancelledError: that is no Exception in Python, and becomes one on the way, so the `except
# Exception` of a task that was to end catches it, and the task goes on.
#
# Seen with pyodide 314.0.7 on Node 20:
# > pyodide 314.0.7: called: Refused, the same object
# > pyodide 314.0.7: called, and another error meanwhile: JsException
# > pyodide 314.0.7: awaited: JsException
# > pyodide 314.0.7: cancelled while awaited: JsException, and the task goes on
#
# Why it matters for a stream registry: A host that throws its causes into the guest, and tells
# them apart when they come back, does so in the tests that call, and not for the pulls that wait.
# A pull that is cancelled within the guest has to be told by something other than its error.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --no-save pyodide@314.0.7)

cat > "$work/probe.py" <<'PYTHON'
import asyncio

from js import eval as evaluate

call = evaluate("(raise) => raise()")
call_both = evaluate("(a, b) => { try { a() } catch (e) { try { b() } catch {} throw e } }")
wait = evaluate("async (raise) => { await raise() }")


class Refused(Exception):
    pass


refused = Refused("full")


def refuse():
    raise refused


def fail():
    raise KeyError("another")


async def refuse_later():
    raise refused


async def cancelled():
    raise asyncio.CancelledError


def seen(error):
    kind = type(error).__name__
    return f"{kind}, the same object" if error is refused else kind


async def tell(name):
    """Let errors pass through JavaScript, and print what comes back."""
    try:
        call(refuse)
    except Exception as error:
        print(f"{name}: called: {seen(error)}")
    try:
        call_both(refuse, fail)
    except Exception as error:
        print(f"{name}: called, and another error meanwhile: {seen(error)}")
    try:
        await wait(refuse_later)
    except Exception as error:
        print(f"{name}: awaited: {seen(error)}")
    try:
        await wait(cancelled)
    except asyncio.CancelledError:
        print(f"{name}: cancelled while awaited: CancelledError")
    except Exception as error:
        print(f"{name}: cancelled while awaited: {seen(error)}, and the task goes on")
PYTHON
cat > "$work/pyodide.cjs" <<'JAVASCRIPT'
const { readFileSync } = require("node:fs");
const { loadPyodide, version } = require("pyodide");

loadPyodide().then(async (pyodide) => {
  pyodide.runPython(readFileSync(`${__dirname}/probe.py`, "utf8"));
  await pyodide.runPythonAsync(`await tell("pyodide ${version}")`);
});
JAVASCRIPT

seen=$(timeout 60 node "$work/pyodide.cjs")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what JavaScript awaited comes back as another error."
