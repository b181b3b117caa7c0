"""A broken implementation in Python as an adapter: `python -m tests.faults.served KEY`.

So another oracle can be asked what it makes of one that has no adapter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing

from streamstate.oracle.adapters.implementation import Implementation, Request
from streamstate.oracle.programs.program import program_of
from streamstate.wire import PROTOCOL, compact, is_object, parse_limits, parse_turns, read_json
from tests.faults.catalogue import faults
from tests.faults.fault import Mode


def answers(implementation: Implementation, lines: Iterable[str]) -> Iterator[str]:
    """The answer to each line up to `stop`. Raises `ValueError` for another command."""
    for line in lines:
        message = read_json(line)
        match message if is_object(message) else {}:
            case {"cmd": "start"}:
                yield _hello(implementation)
            case {"cmd": "run", "seq": int(seq), "program": program, **rest}:
                limits = parse_limits(rest["limits"]) if "limits" in rest else None
                asked = Request(seq, program_of(parse_turns(program)), limits)
                yield from (answer.decode() for answer in implementation.run(iter((asked,))))
            case {"cmd": "stop"}:
                return
            case _:
                raise ValueError(f"{line!r} is not a message")


def _hello(implementation: Implementation) -> str:
    hello = implementation.hello
    return compact(
        {
            "protocol": PROTOCOL,
            "implementation": {
                "name": hello.name,
                "version": hello.version,
                "language": hello.language,
            },
            "capabilities": sorted(hello.capabilities),
            "settle": "exact" if hello.exact else "best-effort",
        }
    )


def main(key: str) -> None:
    fault = faults()[key]
    with fault.plant(Mode.BLACK_BOX) as opener, closing(opener()) as implementation:
        for answer in answers(implementation, sys.stdin):
            print(answer, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
