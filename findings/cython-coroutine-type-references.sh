#!/usr/bin/env bash
#
# One would expect: A coroutine or generator of a module compiled by Cython, once it is
# done and gone, leaves nothing behind, as one of the interpreter does.
#
# What happens: Each leaves one more reference to its type. No memory goes with it, but the
# count never falls.
#
# Seen with Cython 3.3.1 on Python 3.11:
# > Cython 3.3.1
# > interpreted coroutines: 0 more references to their type
# > interpreted generators: 0 more references to their type
# > compiled coroutines: 1000 more references to their type
# > compiled generators: 1000 more references to their type
#
# Why it matters for a stream registry: One that is compiled makes a coroutine for each
# chunk that a loop takes. A test that counts references, to show that nothing is kept of a
# chunk, finds one more for each, and has to know that this one is none of the registry's.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check cython==3.3.1 setuptools==84.2.1

cat > "$work/source.py" <<'PYTHON'
async def nothing():
    return None


def nothings():
    yield None
PYTHON
cp "$work/source.py" "$work/interpreted.py"
cp "$work/source.py" "$work/compiled.py"
(cd "$work" && venv/bin/cythonize -q -3 -i compiled.py > build.log 2>&1)
rm "$work/compiled.py"

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

import compiled
import interpreted


def more_references(made, run):
    kind = type(made())
    run()
    before = sys.getrefcount(kind)
    for _ in range(1000):
        run()
    return sys.getrefcount(kind) - before


def awaiting(module):
    made = []

    def make():
        coroutine = module.nothing()
        made.append(coroutine)
        return coroutine

    with asyncio.Runner() as runner:
        runner.run(make())
        loop = runner.get_loop()
        return more_references(lambda: made[0], lambda: loop.run_until_complete(module.nothing()))


print("Cython", version("cython"))
for name, module in (("interpreted", interpreted), ("compiled", compiled)):
    generators = more_references(module.nothings, lambda: list(module.nothings()))
    print(f"{name} coroutines: {awaiting(module)} more references to their type")
    print(f"{name} generators: {generators} more references to their type")
PYTHON

seen=$("$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: compiled coroutines and generators leave references to their types."
