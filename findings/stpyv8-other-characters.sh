#!/usr/bin/env bash
#
# One would expect: A Python string reaches the guest as that text: V8 has a string type that holds
# all of Unicode, and characters beyond U+FFFF become two units there.
#
# What happens: STPyV8 cuts the number of each character to 16 bits. U+1F600, a face, arrives as
# U+F600, which means nothing, and a name with U+20BB7 in it is another name. So a host
# function that returns the string that it was given changes it. From the guest to Python the
# text stays as it is.
#
# Seen with stpyv8 13.1.201.22 on Python 3.11 and 3.13:
# > stpyv8 13.1.201.22
# > to the guest: U+00E9 -> U+00E9, U+6F22 -> U+6F22, U+1F600 -> U+F600, U+20BB7 -> U+0BB7
# > in a script:  U+00E9 -> U+00E9, U+6F22 -> U+6F22, U+1F600 -> U+F600, U+20BB7 -> U+0BB7
# > from the guest: U+00E9 -> U+00E9, U+6F22 -> U+6F22, U+1F600 -> U+1F600, U+20BB7 -> U+20BB7
# > what a host function returned is what it was given: U+6F22 true, U+1F600 false
#
# Why it matters for a stream registry: Chunks of text, and messages of errors, arrive changed, and
# no error says so. Bytes do no better (stpyv8-bytes-as-text): what has to arrive as it is
# goes as ASCII, in base64 or JSON with escapes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check stpyv8==13.1.201.22

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import STPyV8

SAMPLES = [0xE9, 0x6F22, 0x1F600, 0x20BB7]


def named(number):
    return f"U+{number:04X}"


def each(say):
    return ", ".join(f"{named(number)} -> {named(say(number))}" for number in SAMPLES)


with STPyV8.JSContext() as guest:
    guest.locals.same = lambda text: text

    def given(number):
        guest.locals.text = chr(number)
        return guest.eval("text.codePointAt(0)")

    def kept(number):
        return str(guest.eval(f'same("\\u{{{number:x}}}") === "\\u{{{number:x}}}"')).lower()

    print("stpyv8", version("stpyv8"))
    print("to the guest:", each(given))
    print("in a script: ", each(lambda number: guest.eval(f'"{chr(number)}".codePointAt(0)')))
    print("from the guest:", each(lambda number: ord(guest.eval(f'"\\u{{{number:x}}}"'))))
    print("what a host function returned is what it was given:",
          ", ".join(f"{named(number)} {kept(number)}" for number in SAMPLES[1:3]))
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: characters beyond U+FFFF become others on their way in."
