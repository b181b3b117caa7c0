#!/usr/bin/env bash
#
# One would expect: Compiled code that mypy accepts, with --strict, does what Python does. An
# attribute that is declared `bytes | None` may hold either at any time, and another task may
# change it while a coroutine waits.
#
# What happens: mypy takes the value that was assigned or checked before the await for the one
# after it, and mypyc checks that it still is of that type. If another task has changed it, the
# next read of the attribute raises TypeError: "None object expected; got bytes". mypy itself
# reports nothing, not even with --warn-unreachable. The same module raises nothing in Python,
# nor compiled with Cython.
#
# Seen with mypy 2.4.1, beside Cython 3.3.1, on Python 3.11 and 3.13:
# > Python: assigned None, read after the await b'chunk'
# > Python: checked for None, read after the await b'chunk'
# > Cython 3.3.1: assigned None, read after the await b'chunk'
# > Cython 3.3.1: checked for None, read after the await b'chunk'
# > mypyc 2.4.1: assigned None, read after the await TypeError: None object expected; got bytes
# > mypyc 2.4.1: checked for None, read after the await TypeError: None object expected; got bytes
#
# Why it matters for a stream registry: "Nothing here yet, wait, look again" is how a pull
# works. Compiled with mypyc it works as long as nothing comes, and fails when it does. The
# value has to be handed over by the await itself, as the result of a future.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check mypy==2.4.1 cython==3.3.1 \
    setuptools==80.9.0
cat > "$work/by_plain.py" <<'PYTHON'
import asyncio


class Slot:
    def __init__(self) -> None:
        self.chunk: bytes | None = None

    async def assigned(self) -> bytes | None:
        self.chunk = None
        await asyncio.sleep(0)
        return self.chunk

    async def checked(self) -> bytes | None:
        if self.chunk is not None:
            return self.chunk
        await asyncio.sleep(0)
        return self.chunk
PYTHON
cp "$work/by_plain.py" "$work/by_cython.py"
cp "$work/by_plain.py" "$work/by_mypyc.py"
(cd "$work" && "$work/venv/bin/mypy" --strict --warn-unreachable by_mypyc.py \
    && MYPYC_OPT_LEVEL=0 "$work/venv/bin/mypyc" --strict by_mypyc.py \
    && CFLAGS=-O0 "$work/venv/bin/cythonize" -3 -i -q by_cython.py) > "$work/log" 2>&1 \
    || { cat "$work/log"; exit 1; }
cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import by_cython
import by_mypyc
import by_plain


async def read(slot, wait):
    """What a coroutine reads of a slot that is filled while it waits."""
    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    slot.chunk = b"chunk"
    try:
        return repr(await waiting)
    except TypeError as error:
        return f"TypeError: {error}"


async def main():
    for name, build in (
        ("Python", by_plain),
        (f"Cython {version('cython')}", by_cython),
        (f"mypyc {version('mypy')}", by_mypyc),
    ):
        slot = build.Slot()
        print(f"{name}: assigned None, read after the await", await read(slot, slot.assigned))
        slot = build.Slot()
        print(f"{name}: checked for None, read after the await", await read(slot, slot.checked))


assert by_mypyc.__file__.endswith(".so") and by_cython.__file__.endswith(".so")
asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what changed during an await raises TypeError in compiled code."
