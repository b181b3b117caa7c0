#!/usr/bin/env bash
#
# One would expect: A merge of a source that has two values at hand, and of one that
# fails, subscribed in this order, gives the two values and then the error: the first
# source is asked first and needs no waiting. RxJS does so.
#
# What happens: reactivex gives the error alone; both values are lost. Values of of() and
# from_iterable() are put on a trampoline that starts only when all sources are
# subscribed, while throw() fails at once, within its subscription. empty() overtakes in
# the same way: "a value or the end of the other source, whichever is first" (amb) picks
# the one that was named second. With an immediate scheduler the values come first.
#
# Seen with reactivex 6.1.0 on Python 3.11 and 3.13:
# > reactivex 6.1.0
# > merge of two values and an error: ['error broke off']
# > the same, immediate scheduler:    ['one', 'two', 'error broke off']
# > concat of the same:               ['one', 'two', 'error broke off']
# > amb of two values and the end:    ['end']
# > values, then a subject's error:   ['one', 'two', 'pushed', 'error broke off']
#
# Why it matters for a stream registry: A test that models a stream as a merge of chunks
# and of an error takes what it sees for the rule "an error discards what waits". It is
# the scheduler that discards, before anything was queued; push the chunks through a
# Subject and they arrive. Which of two sources comes first must be said in the test, not
# left to the library.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check reactivex==6.1.0

cat > "$work/probe.py" <<'PYTHON'
from importlib.metadata import version

import reactivex
from reactivex import operators
from reactivex.scheduler import ImmediateScheduler
from reactivex.subject import Subject


def seen(observable, scheduler=None):
    events = []
    observable.subscribe(
        events.append,
        lambda error: events.append(f"error {error}"),
        lambda: events.append("end"),
        scheduler=scheduler,
    )
    return events


def failing():
    return reactivex.throw(ConnectionError("broke off"))


print("reactivex", version("reactivex"))
chunks = reactivex.of("one", "two")
print("merge of two values and an error:", seen(reactivex.merge(chunks, failing())))
at_once = ImmediateScheduler()
print("the same, immediate scheduler:   ", seen(reactivex.merge(chunks, failing()), at_once))
print("concat of the same:              ", seen(reactivex.concat(chunks, failing())))
print("amb of two values and the end:   ", seen(reactivex.amb(chunks, reactivex.empty())))

pushed = Subject()
events = []
both = pushed.pipe(operators.merge(chunks))
both.subscribe(events.append, lambda error: events.append(f"error {error}"))
pushed.on_next("pushed")
pushed.on_error(ConnectionError("broke off"))
print("values, then a subject's error:  ", events)
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an error overtakes the values that were there before it."
