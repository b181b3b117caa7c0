"""An adapter that answers all that it has read at once, and dies or hangs at the first error op:
what it had not written by then is lost.

python batching_adapter.py dies|hangs
"""

from __future__ import annotations

import json
import os
import sys
import time

from streamstate.model import REFERENCE
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.wire import parse_turns

HELLO = (
    '{"protocol":1,"implementation":{"name":"batching","version":"1","language":"Python"},'
    '"capabilities":[],"settle":"exact"}'
)
MACHINE = CachedModel(REFERENCE)


def answered(line: bytes, how: str) -> str:
    message = json.loads(line)
    if message["cmd"] != "run":
        return HELLO
    if any(op[0] == "error" for op in message["program"]):
        if how == "dies":
            os._exit(3)
        time.sleep(60)
    text = MACHINE.expect(program_of(parse_turns(message["program"]))).text
    return f'{{"seq":{message["seq"]},"trace":{text},"late":[]}}'


def main(how: str) -> None:
    rest = b""
    while chunk := os.read(0, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        if any(b'"stop"' in line for line in lines):
            return
        print("\n".join(answered(line, how) for line in lines), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
