#!/usr/bin/env bash
#
# One would expect: A JavaScript value becomes the same Python value whether a script
# returns it or passes it to a host function.
#
# What happens: jsrun converts twice, by different rules. null is None as a result and
# JsUndefined as an argument. An ArrayBuffer is bytes as a result and an empty dict as an
# argument, so its bytes are gone without an error. A Uint16Array is a dict of numbers as
# a result and the raw bytes as an argument. 2^53 is an int as a result and a float as an
# argument, and -0 keeps its sign in one direction only.
#
# Seen with jsrun 0.3.0 on Python 3.11 and 3.13:
# > jsrun 0.3.0
# > null: result None, argument JsUndefined
# > new Uint8Array([1, 2]): result b'\x01\x02', argument b'\x01\x02'
# > new Uint8Array([1, 2]).buffer: result b'\x01\x02', argument {}
# > new Uint16Array([1, 2]): result {'0': 1, '1': 2}, argument b'\x01\x00\x02\x00'
# > 2 ** 53: result 9007199254740992, argument 9007199254740992.0
# > -0: result 0, argument -0.0
#
# Why it matters for a stream registry: Host callbacks are tried out with eval first, and
# then are called by guests. A push that was tested with results takes an ArrayBuffer as
# an empty chunk, and an "is it None" check for "no value" stops working. What crosses
# must be checked on the Python side of both paths.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check jsrun==0.3.0

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import jsrun

VALUES = [
    "null",
    "new Uint8Array([1, 2])",
    "new Uint8Array([1, 2]).buffer",
    "new Uint16Array([1, 2])",
    "2 ** 53",
    "-0",
]

print("jsrun", version("jsrun"))
with jsrun.Runtime() as runtime:
    taken = []
    runtime.bind_function("take", taken.append)
    for value in VALUES:
        result = runtime.eval(value)
        runtime.eval(f"take({value})")
        print(f"{value}: result {result!r}, argument {taken.pop()!r}")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what a value becomes depends on the way that it takes."
