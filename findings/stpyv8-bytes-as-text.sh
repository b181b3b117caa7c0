#!/usr/bin/env bash
#
# One would expect: bytes that a host function returns reach the guest as bytes, or are
# refused.
#
# What happens: STPyV8 decodes them as UTF-8 and hands over a string, whatever they are.
# Two bytes that happen to be one character become a string of length one, and what is
# no UTF-8 becomes U+FFFD, so different chunks become the same. A bytearray of the same
# bytes becomes a thing whose typeof is "function" and which has no length.
#
# Seen with stpyv8 13.1.201.22, quickjs-rs 0.2.6 on Python 3.11 and 3.13:
# > stpyv8 13.1.201.22, quickjs-rs 0.2.6
# > stpyv8: b'ab' is string, length 2, "ab"
# > stpyv8: b'\xc3\xa9' is string, length 1, "é"
# > stpyv8: b'\xff\x00' is string, length 2, "\ufffd\u0000"
# > stpyv8: b'\xfe\x00' is string, length 2, "\ufffd\u0000"
# > stpyv8: bytearray(b'ab') is function, length undefined, undefined
# > quickjs-rs: b'\xff\x00' is object, length 2, {"0":255,"1":0}
#
# Why it matters for a stream registry: Chunks are bytes. Text comes through as long as
# it is ASCII, which is what tests push; an image comes out damaged, at the right length
# or at another, and nothing raises. Bytes must cross such a border as numbers or in
# base64.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check stpyv8==13.1.201.22 quickjs-rs==0.2.6

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import quickjs_rs
import STPyV8

LOOK = """(chunk =>
    [typeof chunk, String(chunk.length), String(JSON.stringify(chunk))].join('|')
)(pull())"""
CHUNKS = [b"ab", b"\xc3\xa9", b"\xff\x00", b"\xfe\x00", bytearray(b"ab")]


class Host(STPyV8.JSClass):
    def pull(self):
        return self.chunk


def report(name, chunk, seen):
    kind, length, written = seen.split("|")
    written = written.replace(chr(0xFFFD), chr(92) + "ufffd")
    print(f"{name}: {chunk!r} is {kind}, length {length}, {written}")


print(f"stpyv8 {version('stpyv8')}, quickjs-rs {version('quickjs-rs')}")
host = Host()
with STPyV8.JSContext(host) as context:
    for host.chunk in CHUNKS:
        report("stpyv8", host.chunk, context.eval(LOOK))
with quickjs_rs.Runtime() as runtime, runtime.new_context() as context:
    context.register("pull", lambda: CHUNKS[2])
    report("quickjs-rs", CHUNKS[2], context.eval(LOOK))
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: bytes reach the guest as text that was decoded."
