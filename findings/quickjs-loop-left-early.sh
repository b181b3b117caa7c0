#!/usr/bin/env bash
#
# One would expect: `for await` waits until its source is closed before the code after the
# loop runs, as the standard says and V8 does: that is what a generator's `finally` is for.
#
# What happens: In engines made of QuickJS who leaves the loop early does not wait. quickjs
# and quickjs-rs wait neither after a `break` nor a `return` nor an error, and what the
# closing raises reaches nobody who left with `break`. quickjs-ng and jsbox wait, but for
# the error: the handler of what was thrown in the loop runs while the source is still open.
#
# Seen with quickjs 1.19.4, quickjs-rs 0.2.6, quickjs-ng 0.17.0.2, jsbox 0.1.3 and
# mini-racer 0.14.1 on Python 3.11 and 3.13:
# > mini-racer 0.14.1 (V8)
# >   closed, after break; closed, after return; closed, after throw; broken off raises
# > quickjs 1.19.4
# >   after break, closed; after return, closed; after throw, closed; broken off raises nothing
# > quickjs-rs 0.2.6
# >   after break, closed; after return, closed; after throw, closed; broken off raises nothing
# > quickjs-ng 0.17.0.2
# >   closed, after break; closed, after return; after throw, closed; broken off raises
# > jsbox 0.1.3
# >   closed, after break; closed, after return; after throw, closed; broken off raises
#
# Why it matters for a stream registry: A guest that leaves a loop over a stream and opens
# another on it meets the lock, or the pull, of the first. A host that deletes a stream once
# the guest is past its loop deletes it under a `finally` that still reads or writes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in quickjs others; do # quickjs and quickjs-ng are imported by one name
    python3 -m venv "$work/$name"
done
"$work/quickjs/bin/pip" install -qq --disable-pip-version-check quickjs==1.19.4
"$work/others/bin/pip" install -qq --disable-pip-version-check \
    quickjs-rs==0.2.6 quickjs-ng==0.17.0.2 jsbox==0.1.3 mini-racer==0.14.1

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

SCRIPT = """(async () => {
    const seen = []
    async function* source(close) { try { yield 1; yield 2 } finally { await quiet(); close() } }
    const noted = () => source(() => seen.push('closed'))

    for await (const _ of noted()) break
    seen.push('after break')
    await quiet().then(quiet)

    await (async () => { for await (const _ of noted()) return })()
    seen.push('after return')
    await quiet().then(quiet)

    try { for await (const _ of noted()) throw 1 } catch { seen.push('after throw') }
    await quiet().then(quiet)

    let raises = 'raises nothing'
    const failing = () => source(() => { throw 1 })
    try { for await (const _ of failing()) break } catch { raises = 'raises' }
    seen.push('broken off ' + raises)

    async function quiet() { for (let turns = 0; turns < 9; turns++) await null }
    return seen.join()
})()"""


def by_quickjs():
    import quickjs

    context, told = quickjs.Context(), []
    context.add_callable("tell", told.append)
    context.eval(f"{SCRIPT}.then(tell)")
    while context.execute_pending_job():
        pass
    return told[0]


async def by_quickjs_rs():
    import quickjs_rs

    with quickjs_rs.Runtime() as runtime, runtime.new_context() as context:
        return await context.eval_async(f"await {SCRIPT}")


async def by_jsbox():
    import jsbox

    return await jsbox.Runtime().eval_async(SCRIPT)


def by_mini_racer():
    from py_mini_racer import MiniRacer

    racer = MiniRacer()
    return racer.eval(SCRIPT).get(timeout=30)


def pairs(seen):
    a, b, c, d, e, f, *ending = seen.split(",")
    return f"{a}, {b}; {c}, {d}; {e}, {f}; {ending[-1]}"


def main(names):
    for name in names:
        print(name, version(name), end="")
        print(" (V8)" if name == "mini-racer" else "")
        match name:
            case "mini-racer":
                seen = by_mini_racer()
            case "quickjs-rs":
                seen = asyncio.run(by_quickjs_rs())
            case "jsbox":
                seen = asyncio.run(by_jsbox())
            case _:
                seen = by_quickjs()
        print(f"  {pairs(seen)}")


main(sys.argv[1:])
PYTHON

seen=$(
    timeout 60 "$work/others/bin/python" "$work/probe.py" mini-racer
    timeout 60 "$work/quickjs/bin/python" "$work/probe.py" quickjs
    timeout 60 "$work/others/bin/python" "$work/probe.py" quickjs-rs quickjs-ng jsbox
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: code after a loop runs before its source is closed."
