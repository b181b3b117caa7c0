#!/usr/bin/env bash
#
# One would expect: A Python exception that a host function raises, that the guest catches
# and throws again, comes back to the Python caller as that same exception.
#
# What happens: quickjs-rs answers with the exception that a host function raised last,
# whichever of them the guest throws. Guest code that keeps its first error, tries a
# second call that fails too, and throws the first, makes the host raise the second. The
# Python exception that was thrown is nowhere in the one that is raised, neither as cause
# nor as context. If the guest keeps an error until a later eval, the host gets a
# HostError without the Python exception. stpyv8 returns the very exception in both cases.
#
# Seen with quickjs-rs 0.2.6, stpyv8 13.1.201.22 on Python 3.11 and 3.13:
# > quickjs-rs 0.2.6, stpyv8 13.1.201.22
# > (raised, its cause, its context)
# > quickjs-rs: throws push's error, host sees: CloseFailed, -, JSError
# > quickjs-rs: throws it in a later eval: HostError, -, JSError
# > stpyv8: throws push's error, host sees: PushFailed, -, -
# > stpyv8: throws it in a later eval: PushFailed, -, -
#
# Why it matters for a stream registry: "The first error wins" is what a stream's error
# rule says, and guests write just that: keep the error of the push, close the stream
# (which fails as well), throw what was kept. The host then logs and answers with an error
# of another operation, so a registry must match errors by a ticket of its own and not by
# what the engine raises.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check quickjs-rs==0.2.6 stpyv8==13.1.201.22

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import quickjs_rs
import STPyV8

THROW_THE_FIRST = """(() => {
    let first;
    try { push() } catch (error) { first = error }
    try { close() } catch (error) { }
    throw first
})()"""


class PushFailed(Exception):
    pass


class CloseFailed(Exception):
    pass


def push():
    raise PushFailed


def close():
    raise CloseFailed


def raised(evaluate, script):
    """Name what the host sees, and everything that it is chained to."""
    try:
        evaluate(script)
    except Exception as error:
        chain = [error, error.__cause__, error.__context__]
        return ", ".join(type(link).__name__ if link else "-" for link in chain)


def report(name, evaluate):
    print(f"{name}: throws push's error, host sees:", raised(evaluate, THROW_THE_FIRST))
    evaluate("try { push() } catch (error) { globalThis.kept = error }")
    print(f"{name}: throws it in a later eval:", raised(evaluate, "throw kept"))


print(f"quickjs-rs {version('quickjs-rs')}, stpyv8 {version('stpyv8')}")
print("(raised, its cause, its context)")
with quickjs_rs.Runtime() as runtime, runtime.new_context() as context:
    context.register("push", push)
    context.register("close", close)
    report("quickjs-rs", context.eval)


class Host(STPyV8.JSClass):
    push = staticmethod(push)
    close = staticmethod(close)


with STPyV8.JSContext(Host()) as context:
    report("stpyv8", context.eval)
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: the host is told of another error than the one that the guest threw."
