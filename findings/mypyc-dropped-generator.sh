#!/usr/bin/env bash
#
# One would expect: A generator or coroutine that is dropped while it waits inside "try
# ... finally" runs the "finally" when the object goes: Python closes it. mypyc promises
# Python's semantics for code that passes mypy.
#
# What happens: A generator and a coroutine compiled by mypyc are freed without being
# closed: neither "finally" nor "except GeneratorExit" nor the exit of a "with" block
# runs, not even at a collection of cyclic garbage, and nothing is reported. An explicit
# close() runs them. The same source uncompiled runs them all.
#
# Seen with mypy 2.4.1 on Python 3.11 and 3.13:
# > mypy 2.4.1
# > by_plain, suspended_generator: closed except+finally+with, dropped except+finally+with, in a cycle except+finally+with
# > by_plain, suspended_coroutine: closed finally, dropped finally, in a cycle finally
# > by_mypyc, suspended_generator: closed except+finally+with, dropped nothing, in a cycle nothing
# > by_mypyc, suspended_coroutine: closed finally, dropped nothing, in a cycle nothing
#
# Why it matters for a stream registry: A registry gives a chunk back, or a place in the
# line of waiting writers, in such a "finally" when a consumer walks away. Compiled by
# mypyc it passes every test that closes, and loses the chunk or leaves the others waiting
# in the program that just drops.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check mypy==2.4.1 setuptools==80.9.0
cat > "$work/source.py" <<'PYTHON'
from collections.abc import Awaitable, Generator

log: list[str] = []


class Borrowed:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        log.append("with")


def generator() -> Generator[int, None, None]:
    with Borrowed():
        try:
            yield 1
        except GeneratorExit:
            log.append("except")
            raise
        finally:
            log.append("finally")


async def wait(something: Awaitable[None]) -> None:
    try:
        await something
    finally:
        log.append("finally")
PYTHON
cp "$work/source.py" "$work/by_plain.py"
cp "$work/source.py" "$work/by_mypyc.py"
(cd "$work" && MYPYC_OPT_LEVEL=0 "$work/venv/bin/mypyc" by_mypyc.py) > "$work/log" 2>&1 \
    || { cat "$work/log"; exit 1; }
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import gc
from importlib.metadata import version

import by_mypyc
import by_plain


def after(build, give_up, make):
    build.log.clear()
    held = [make(build)]
    give_up(held)
    gc.collect()
    return "+".join(build.log) or "nothing"


def drop(held):
    held.clear()


def close(held):
    held[0].close()


def cycle(held):
    loop = {"held": held.pop()}
    loop["loop"] = loop


def suspended_generator(build):
    made = build.generator()
    next(made)
    return made


def suspended_coroutine(build):
    made = build.wait(asyncio.get_running_loop().create_future())
    made.send(None)
    return made


async def main():
    print("mypy", version("mypy"))
    assert by_mypyc.__file__.endswith(".so")
    for build in by_plain, by_mypyc:
        for make in suspended_generator, suspended_coroutine:
            ran = [after(build, how, make) for how in (close, drop, cycle)]
            print(f"{build.__name__}, {make.__name__}: closed {ran[0]},", end=" ")
            print(f"dropped {ran[1]}, in a cycle {ran[2]}")


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what mypyc compiled is dropped without its "finally"."
