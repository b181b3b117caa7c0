#!/usr/bin/env bash
#
# One would expect: A contract that deal or icontract checks at run time, CrossHair checks too,
# as its documentation says, or says that it cannot. "Confirmed over all paths" means that no
# call breaks it.
#
# What happens: Of a coroutine function and of a generator CrossHair confirms contracts that the
# first call breaks. It takes what the call returns, a coroutine that nobody awaits or a
# generator that nobody reads, for the result, and the body never runs. There is no message but
# "confirmed"; Python's warning about a coroutine that was never awaited is the only trace. Asserts
# within a generator are confirmed in the same way. Contracts of coroutine functions in docstrings
# and asserts within them it leaves out without a word.
#
# Seen with crosshair-tool 0.0.112, deal 4.24.6 and icontract 2.7.3 on Python 3.11 and 3.13:
# > deal, plain: CrossHair: false when calling plain(7) (which returns 7)
# > deal, plain: when called with 7: PostContractError
# > deal, coroutine: CrossHair: Confirmed over all paths.
# > deal, coroutine: when called with 7: PostContractError
# > deal, generator: CrossHair: Confirmed over all paths.
# > deal, generator: when called with 7: PostContractError
# > icontract, plain: CrossHair: false when calling plain(7) (which returns 7)
# > icontract, plain: when called with 7: ViolationError
# > icontract, coroutine: CrossHair: Confirmed over all paths.
# > icontract, coroutine: when called with 7: ViolationError
# > asserts, plain: CrossHair: AssertionError:  when calling plain(6)
# > asserts, plain: when called with 6: AssertionError
# > asserts, coroutine: CrossHair: nothing
# > asserts, coroutine: when called with 6: AssertionError
# > asserts, generator: CrossHair: Confirmed over all paths.
# > asserts, generator: when called with 6: AssertionError
#
# Why it matters for a stream registry: Its functions are coroutines. A gate that counts what
# CrossHair confirms counts all of them as proved, whatever they do. What is to be proved has to
# be a plain function, as a pure model is, and each check needs a broken twin that it refutes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check crosshair-tool==0.0.112 \
    z3-solver==5.4.1.0 deal==4.24.6 icontract==2.7.3

cat > "$work/by_deal.py" <<'PYTHON'
import deal


@deal.post(lambda result: result != 7)
def plain(size: int):
    return size


@deal.post(lambda result: result != 7)
async def coroutine(size: int):
    return size


@deal.post(lambda result: result != 7)
def generator(size: int):
    yield size
PYTHON
cat > "$work/by_icontract.py" <<'PYTHON'
import icontract


@icontract.ensure(lambda result: result != 7)
def plain(size: int):
    return size


@icontract.ensure(lambda result: result != 7)
async def coroutine(size: int):
    return size
PYTHON
cat > "$work/by_asserts.py" <<'PYTHON'
def plain(size: int):
    assert size >= 0
    following = size + 1
    assert following != 7
    return following


async def coroutine(size: int):
    assert size >= 0
    following = size + 1
    assert following != 7
    return following


def generator(size: int):
    assert size >= 0
    following = size + 1
    assert following != 7
    yield following
PYTHON
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import importlib
import inspect
import subprocess
import sys


def checked(name):
    """What CrossHair says of each function of a module, by the line of its definition."""
    command = [sys.executable, "-W", "ignore", "-m", "crosshair", "check", "--report_all"]
    command += [f"--analysis_kind={name}", "--per_condition_timeout=20", f"by_{name}.py"]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    reports = [line.split(":", 3)[1:] for line in lines]
    return [(int(number), message.strip()) for number, _, message in reports]


def called(function, size):
    """The error that the first call, awaited or read to its end, raises."""
    try:
        match function(size):
            case result if inspect.iscoroutine(result):
                asyncio.run(result)
            case result if inspect.isgenerator(result):
                list(result)
    except Exception as error:
        return type(error).__name__
    return "nothing"


for name, size in (("deal", 7), ("icontract", 7), ("asserts", 6)):
    module, reports = importlib.import_module(f"by_{name}"), checked(name)
    for kind in ("plain", "coroutine", "generator"):
        if not (function := getattr(module, kind, None)):
            continue
        lines, start = inspect.getsourcelines(function)
        said = [message for at, message in reports if start <= at < start + len(lines)]
        print(f"{name}, {kind}: CrossHair: {' and '.join(said) or 'nothing'}")
        print(f"{name}, {kind}: when called with {size}: {called(function, size)}")
PYTHON

seen=$(cd "$work" && timeout 120 venv/bin/python probe.py)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: contracts that the first call breaks are confirmed."
