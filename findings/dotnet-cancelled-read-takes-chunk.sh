#!/usr/bin/env bash
#
# One would expect: A read of a channel that was cancelled takes nothing. A chunk that is written
# after the cancel, and that the channel says it has taken, is there for the next read.
#
# What happens: In the newest .NET that pip brings, a bounded channel hands the chunk to the
# cancelled read as long as the task that awaits it has not gone on. `TryWrite` returns true, the
# read ends as cancelled, and the chunk is nowhere. An unbounded channel keeps it, and so does a
# bounded one if the task has gone on before the write. .NET 5 mended it: dotnet/runtime#37671.
#
# Seen with dotnetcore2 3.1.23 and pythonnet 3.0.5, on Python 3.11:
# > .NET 3.1.23, bounded, written after the cancelled read had ended: never lost
# > .NET 3.1.23, bounded, written right after the cancel: accepted and lost
# > .NET 3.1.23, unbounded, written right after the cancel: never lost
#
# Why it matters for a stream registry: A host that gives up a pull when its guest goes away, and
# writes at the same time, loses a chunk that its writer counts as sent. Nobody sees an error. A
# bounded channel is the one that has back pressure.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check dotnetcore2==3.1.23 pythonnet==3.0.5

cat > "$work/config.json" <<'JSON'
{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.23"},
                    "configProperties": {"System.Globalization.Invariant": true}}}
JSON

cat > "$work/probe.py" <<'PYTHON'
import sys
from pathlib import Path

import dotnetcore2
from clr_loader import get_coreclr
from pythonnet import set_runtime

set_runtime(
    get_coreclr(runtime_config=sys.argv[1], dotnet_root=str(Path(dotnetcore2.__file__).parent / "bin"))
)
import clr

clr.AddReference("System.Threading.Channels")
from System import AggregateException, Environment, Int32
from System.Threading import CancellationTokenSource
from System.Threading.Channels import Channel

RUNS = 300  # now and then the other thread is quick enough, and the chunk stays


def is_lost(channel, let_it_end):
    give_up = CancellationTokenSource()
    read = channel.Reader.ReadAsync(give_up.Token).AsTask()
    give_up.Cancel()
    if let_it_end:
        ended(read)
    accepted = channel.Writer.TryWrite(7)
    ended(read)
    assert accepted and read.IsCanceled
    there, _ = channel.Reader.TryRead()
    return not there


def ended(read):
    try:
        read.Wait()
    except AggregateException:
        pass


for name, create in (("bounded", lambda: Channel.CreateBounded[Int32](4)), ("unbounded", Channel.CreateUnbounded[Int32])):
    for let_it_end in (True, False) if name == "bounded" else (False,):
        lost = sum(is_lost(create(), let_it_end) for _ in range(RUNS))
        when = "after the cancelled read had ended" if let_it_end else "right after the cancel"
        said = "accepted and lost" if lost else "never lost"
        print(f".NET {Environment.Version}, {name}, written {when}: {said}")
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work/config.json")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a bounded channel gives a chunk to a read that was cancelled."
