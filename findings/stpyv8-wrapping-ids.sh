#!/usr/bin/env bash
#
# One would expect: An integer that a host function returns is the same number in the
# guest as long as a JavaScript number can hold it, 2^53 and less.
#
# What happens: STPyV8 keeps the lowest 32 bits and says nothing: 2^31 arrives negative,
# 2^32 arrives as 0, and 2^32 + 7 as 7. The other direction is right, and a float of the
# same value is right as well.
#
# Seen with stpyv8 13.1.201.22 on Python 3.11 and 3.13:
# > stpyv8 13.1.201.22
# > 2^31-1 is 2147483647: as int 2147483647, as float 2147483647, guest to host the same
# > 2^31 is 2147483648: as int -2147483648, as float 2147483648, guest to host the same
# > 2^32 is 4294967296: as int 0, as float 4294967296, guest to host the same
# > 2^32+7 is 4294967303: as int 7, as float 4294967303, guest to host the same
# > 2^53 is 9007199254740992: as int 0, as float 9007199254740992, guest to host the same
#
# Why it matters for a stream registry: Stream ids, ticket numbers, byte counts and
# desired sizes are ints. After 2^32 ids a new stream is silently another, older one; a
# byte count of 4 GiB reads as nothing. A registry that crosses such a border needs ids
# that are checked on arrival, or sent as floats or strings.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check stpyv8==13.1.201.22

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import STPyV8

NUMBERS = {"2^31-1": 2**31 - 1, "2^31": 2**31, "2^32": 2**32, "2^32+7": 2**32 + 7, "2^53": 2**53}


class Host(STPyV8.JSClass):
    def give(self):
        return self.number

    def take(self, number):
        self.taken = number


host = Host()
print("stpyv8", version("stpyv8"))
with STPyV8.JSContext(host) as context:
    for name, number in NUMBERS.items():
        host.number = number
        as_int = context.eval("String(give())")
        host.number = float(number)
        as_float = context.eval("String(give())")
        context.eval(f"take({number})")
        back = "the same" if host.taken == number else host.taken
        print(f"{name} is {number}: as int {as_int}, as float {as_float}, guest to host {back}")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an int beyond 32 bits arrives as another number."
