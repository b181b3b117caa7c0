#!/usr/bin/env bash
#
# One would expect: A coroutine can be awaited once: a second await raises "cannot reuse
# already awaited coroutine". One that nobody awaits is reported with "was never awaited".
#
# What happens: A coroutine compiled by mypyc, awaited a second time, answers None at
# once, whatever it answered the first time; its body does not run again. One that was
# made and not awaited goes without a word, even with all warnings as errors.
# inspect.iscoroutine says False of it, while inspect.iscoroutinefunction says True of the
# function that makes it.
#
# Seen with mypy 2.4.1 on Python 3.11 and 3.13:
# > mypy 2.4.1
# > by_plain: awaited b'chunk', again RuntimeError: cannot reuse already awaited coroutine
# > by_plain: the body ran 1 time
# > by_plain: forgotten, told ["coroutine 'pull' was never awaited"]
# > by_plain: iscoroutine True, iscoroutinefunction True
# > by_mypyc: awaited b'chunk', again None
# > by_mypyc: the body ran 1 time
# > by_mypyc: forgotten, told nothing
# > by_mypyc: iscoroutine False, iscoroutinefunction True
#
# Why it matters for a stream registry: "None" is a chunk, or the answer for "the stream
# has ended", so a pull that is awaited twice reads as an end of stream. And a test-suite
# that relies on the warning for a forgotten await of push is blind as soon as the code
# under test is compiled.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check mypy==2.4.1 setuptools==80.9.0
cat > "$work/by_plain.py" <<'PYTHON'
ran: list[str] = []


async def pull() -> bytes:
    ran.append("pull")
    return b"chunk"
PYTHON
cp "$work/by_plain.py" "$work/by_mypyc.py"
(cd "$work" && MYPYC_OPT_LEVEL=0 "$work/venv/bin/mypyc" by_mypyc.py) > "$work/log" 2>&1 \
    || { cat "$work/log"; exit 1; }
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import gc
import inspect
import warnings
from importlib.metadata import version

import by_mypyc
import by_plain


async def answer(coroutine):
    try:
        return repr(await coroutine)
    except RuntimeError as error:
        return f"RuntimeError: {error}"


def forget(build):
    """Make a coroutine and drop it; tell what Python says of it."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        build.pull()
        gc.collect()
    return [str(warning.message) for warning in told] or "nothing"


async def report(build):
    name = build.__name__
    once = build.pull()
    print(f"{name}: awaited {await answer(once)}, again {await answer(once)}")
    print(f"{name}: the body ran {len(build.ran)} time")
    print(f"{name}: forgotten, told {forget(build)}")
    checks = inspect.iscoroutine(once), inspect.iscoroutinefunction(build.pull)
    print(f"{name}: iscoroutine {checks[0]}, iscoroutinefunction {checks[1]}")


print("mypy", version("mypy"))
assert by_mypyc.__file__.endswith(".so")
asyncio.run(report(by_plain))
asyncio.run(report(by_mypyc))
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a second await answers None, and a forgotten one is silent."
