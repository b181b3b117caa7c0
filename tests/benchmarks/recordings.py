"""What it costs to check a long recording: `python -m tests.benchmarks.recordings OPS [JOBS]`.

`streamstate trace --jobs JOBS` reads a recording of at least OPS ops while this program writes it,
so that none has to be stored. CPU time is that of `trace` and its processes alone, and memory the
most that any of them took, at each tenth of the way.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Final

from streamstate.model import REFERENCE, initial
from streamstate.wire import compact
from streamstate.wire.recorded import encode_end, encode_start

STREAMS: Final = 64
"""So many live at a time, and do each op in turn."""

_STREAM: Final = tuple(
    (op + "\n").encode()
    for op in (
        '{"op":["create"],"returned":%(stream)d,"settled":[]}',
        '{"op":["push",%(stream)d,"MDEyMzQ1Njc4OWFiY2RlZg=="],"returned":true,"settled":[]}',
        '{"op":["pull",%(stream)d],"returned":null,'
        '"settled":[[%(first)d,"value","MDEyMzQ1Njc4OWFiY2RlZg=="]]}',
        '{"op":["seen",%(first)d],"returned":null,"settled":[]}',
        '{"op":["pull",%(stream)d],"returned":null,"settled":[]}',
        '{"op":["push",%(stream)d,"YWI="],"returned":true,"settled":[[%(second)d,"value","YWI="]]}',
        '{"op":["seen",%(second)d],"returned":null,"settled":[]}',
        '{"op":["close",%(stream)d],"returned":null,"settled":[]}',
        '{"op":["pull",%(stream)d],"returned":null,"settled":[[%(third)d,"done"]]}',
        '{"op":["delete",%(stream)d],"returned":null,"settled":[]}',
    )
)
"""A stream's life."""

OPS: Final = STREAMS * len(_STREAM)


def recording(ops: int) -> Iterator[bytes]:
    """A recording of at least so many ops, in pieces of `OPS`."""
    yield compact(encode_start(initial(REFERENCE))).encode() + b"\n"
    for lives in range(0, -(-ops // OPS) * STREAMS, STREAMS):
        numbers: list[dict[bytes, int]] = [
            {
                b"stream": lives + each,
                b"first": 3 * lives + each,
                b"second": 3 * lives + STREAMS + each,
                b"third": 3 * lives + 2 * STREAMS + each,
            }
            for each in range(1, STREAMS + 1)
        ]
        yield b"".join(line % known for line in _STREAM for known in numbers)
    yield compact(encode_end(None)).encode() + b"\n"


def memory(process: int) -> list[int]:
    """The most that it, and what it has started, took until now, in MB, most first."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    of_all = (Path(f"/proc/{each}/status").read_text() for each in (process, *children))
    most = (text.partition("VmHWM:")[2].split(maxsplit=1)[0] for text in of_all)
    return sorted((int(kilobytes) // 1024 for kilobytes in most), reverse=True)


def main(ops: int, jobs: int) -> None:
    """Check a recording, and print what it took."""
    command = (sys.executable, "-m", "streamstate", "trace", "--jobs", str(jobs), "-")
    started = perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE) as trace:
        assert trace.stdin is not None
        pieces = -(-ops // OPS)
        for number, piece in enumerate(recording(ops)):
            trace.stdin.write(piece)
            if number and number % max(1, pieces // 10) == 0:
                print(f"{number * OPS:,} ops: {memory(trace.pid)} MB", flush=True)
        trace.stdin.close()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    print(f"exit {trace.returncode}, {seconds:,.1f} s of CPU, {perf_counter() - started:,.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
