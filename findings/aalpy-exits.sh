#!/usr/bin/env bash
#
# One would expect: A library that finds that the system under test answered differently
# the second time raises an exception of its own, which the caller can catch and report.
#
# What happens: AALpy's learners call sys.exit with the two traces as the message. "except
# Exception" does not catch it. In the main thread it ends the program; in a thread it is
# swallowed by threading without a word, so that the learning just never has a result.
# There is no option to get an exception.
#
# Seen with aalpy 2.0.0 on Python 3.11 and 3.13:
# > aalpy 2.0.0
# > run_Lstar: SystemExit, an Exception: False
# > run_Lstar: it says 'Non-determinism detected.'
# > run_KV: SystemExit, an Exception: False
# > run_KV: it says 'Non-determinism detected.'
# > in a thread: 0 results, '' on standard error
#
# Why it matters for a stream registry: An asynchronous registry that is learned through a
# thread, or through an event loop in one, is precisely the system that answers
# differently now and then. The one message that matters, the two traces that contradict
# each other, is lost, and a harness that cleans up in "except Exception" leaves its
# sockets and processes behind.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aalpy==2.0.0

cat > "$work/probe.py" <<'PYTHON'
import contextlib
import io
import threading
from importlib.metadata import version

from aalpy.base import SUL
from aalpy.learning_algs import run_KV, run_Lstar
from aalpy.oracles import WMethodEqOracle

INPUTS = ["push", "pull"]


class Flaky(SUL):
    """A queue of one place that once, at its fortieth step, answers otherwise."""

    def __init__(self):
        super().__init__()
        self.steps = 0

    def pre(self):
        self.held = 0

    def post(self):
        pass

    def step(self, op):
        self.steps += 1
        if self.steps == 40:
            return "another answer"
        if op == "push":
            answer, self.held = ("full" if self.held else "ok"), 1
        else:
            answer, self.held = ("chunk" if self.held else "empty"), 0
        return answer


def learn(algorithm):
    system = Flaky()
    oracle = WMethodEqOracle(INPUTS, system, max_number_of_states=4)
    return algorithm(INPUTS, system, oracle, "mealy", print_level=0)


print("aalpy", version("aalpy"))
for algorithm in run_Lstar, run_KV:
    try:
        learn(algorithm)
    except SystemExit as end:
        caught = isinstance(end, Exception)
        print(f"{algorithm.__name__}: {type(end).__name__}, an Exception: {caught}")
        print(f"{algorithm.__name__}: it says {str(end.code).splitlines()[0]!r}")

results = []
with contextlib.redirect_stderr(io.StringIO()) as printed:
    thread = threading.Thread(target=lambda: results.append(learn(run_Lstar)))
    thread.start()
    thread.join()
print(f"in a thread: {len(results)} results, {printed.getvalue()!r} on standard error")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a contradiction ends the program, or nothing at all is heard of it."
