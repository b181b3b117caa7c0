#!/usr/bin/env bash
#
# One would expect: Text that a guest returns, or gives to a host function, arrives whole: Python and
# JavaScript both count the characters of a string, and U+0000 is one of them.
#
# What happens: quickjs and quickjs-ng cut it at the first U+0000, without an error. quickjs cuts what
# Python gives to the guest, too. jsbox and quickjs-rs, on the same engine, keep it.
#
# Seen with quickjs 1.19.4, quickjs-ng 0.17.0.2, jsbox 0.1.3 and quickjs-rs 0.2.6 on Python 3.11
# and 3.13, each with "head", U+0000, "tail", which is 9 characters:
# > quickjs 1.19.4: returned 4, given to the host 4, given to the guest 4
# > quickjs-ng 0.17.0.2: returned 4, given to the host 4, given to the guest 9
# > jsbox 0.1.3: returned 9, given to the host 9, given to the guest 9
# > quickjs-rs 0.2.6: returned 9, given to the host 9, given to the guest 9
#
# Why it matters for a stream registry: These two have no bytes at the border, so guests send chunks
# as strings, one character for each byte: every chunk with a zero byte ends there, and the
# lengths on both sides differ. Base64, or no zeros.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in quickjs others; do # quickjs and quickjs-ng are imported by one name
    python3 -m venv "$work/$name"
done
"$work/quickjs/bin/pip" install -qq --disable-pip-version-check quickjs==1.19.4
"$work/others/bin/pip" install -qq --disable-pip-version-check \
    quickjs-ng==0.17.0.2 jsbox==0.1.3 quickjs-rs==0.2.6

cat > "$work/probe.py" <<'PYTHON'
import sys
from importlib.metadata import version

TEXT = "head\0tail"
SOURCE = '"head\\0tail"'


def by_quickjs():
    import quickjs

    context = quickjs.Context()
    return context.eval, context.add_callable


def by_jsbox():
    import jsbox

    runtime = jsbox.Runtime()
    return runtime.eval, runtime.bind_function


def by_quickjs_rs():
    import quickjs_rs

    by_quickjs_rs.runtime = quickjs_rs.Runtime()
    by_quickjs_rs.context = context = by_quickjs_rs.runtime.new_context()
    return context.eval, context.register


ENGINES = {"quickjs": by_quickjs, "quickjs-ng": by_quickjs, "jsbox": by_jsbox,
           "quickjs-rs": by_quickjs_rs}

for name in sys.argv[1:]:
    run, bind = ENGINES[name]()
    bind("measure", len)
    bind("fetch", lambda: TEXT)
    lengths = [len(run(SOURCE)), run(f"measure({SOURCE})"), run("fetch().length")]
    print(f"{name} {version(name)}: returned {lengths[0]}, given to the host {lengths[1]},"
          f" given to the guest {lengths[2]}")
PYTHON

seen=$(
    timeout 60 "$work/quickjs/bin/python" "$work/probe.py" quickjs
    timeout 60 "$work/others/bin/python" "$work/probe.py" quickjs-ng jsbox quickjs-rs
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: text is cut at its first U+0000."
