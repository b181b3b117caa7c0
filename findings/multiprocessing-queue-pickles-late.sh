#!/usr/bin/env bash
#
# One would expect: multiprocessing's `Queue.put` takes the object as it is at that moment. The
# documentation says so: "When an object is put on a queue, the object is pickled and a
# background thread later flushes the pickled data to an underlying pipe."
#
# What happens: The background thread does the pickling, too. Whatever is done to the object
# between the `put` and that moment arrives at the other side, and an object that cannot be
# pickled is accepted and vanishes, with a traceback on the error output of the producer. A
# SimpleQueue, which has no such thread, pickles within `put`.
#
# Seen with Python 3.11 and 3.13, and with multiprocess 0.70.19, which others use for it:
# > Queue: put b'first', changed it to b'other', got b'other'
# > SimpleQueue: put b'first', changed it to b'other', got b'first'
# > Queue: put of a function raised nothing, got what was put after it
# > SimpleQueue: put of a function raised an error
# > multiprocess, Queue: put b'first', changed it to b'other', got b'other'
# > multiprocess, SimpleQueue: put b'first', changed it to b'other', got b'first'
#
# Why it matters for a stream registry: A producer that reads into one buffer again and again
# (`readinto`) and pushes it sends bytes that were overwritten, and only now and then, since
# the thread is usually quick. A push has to copy before it says that it accepted.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check multiprocess==0.70.19

cat > "$work/probe.py" <<'PYTHON'
import multiprocessing
import os
import sys
import threading

import multiprocess

gate = threading.Event()


class Waits:
    """Whoever pickles it waits for the gate: so the thread is as slow as under load."""

    def __reduce__(self):
        gate.wait()
        return (int, ())


def changed(queue, waits, whose=""):
    chunk = bytearray(b"first")
    if waits:
        queue.put(Waits())
    queue.put(chunk)
    chunk[:] = b"other"
    gate.set()
    if waits:
        queue.get()
    got = bytes(queue.get())
    print(f"{whose}{type(queue).__name__}: put b'first', changed it to b'other', got {got}")


def not_to_be_pickled(queue):
    try:
        queue.put(lambda: None)
    except Exception:
        print(f"{type(queue).__name__}: put of a function raised an error")
        return
    queue.put("next")
    assert queue.get() == "next"
    print(f"{type(queue).__name__}: put of a function raised nothing, got what was put after it")


if __name__ == "__main__":
    sys.stderr = open(os.devnull, "w")  # where the thread reports what cannot be pickled
    context = multiprocessing.get_context("spawn")
    changed(context.Queue(), waits=True)
    changed(context.SimpleQueue(), waits=False)
    not_to_be_pickled(context.Queue())
    not_to_be_pickled(context.SimpleQueue())
    gate.clear()
    context = multiprocess.get_context("spawn")
    changed(context.Queue(), waits=True, whose="multiprocess, ")
    changed(context.SimpleQueue(), waits=False, whose="multiprocess, ")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what is put is pickled later."
