"""An adapter with one bad habit, named by its first argument; for the tests of who must notice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import NoReturn

from streamstate.model import REFERENCE
from streamstate.oracle.adapter import ReferenceAdapter

ADAPTER = ReferenceAdapter(REFERENCE, "0")
WHEN = 300  # lines that are answered as they should be, first


def say(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def hang(_answer: bytes) -> NoReturn:
    sys.stdin.buffer.read()
    while True:  # the end of the input is not heeded either
        subprocess.run(["sleep", "3600"], check=False)


def crash(_answer: bytes) -> NoReturn:
    print("about to fall over", file=sys.stderr)
    raise RuntimeError("fell over")


def killed(_answer: bytes) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def endless_line(_answer: bytes) -> NoReturn:
    while True:
        say(b"x" * 2**20)


def flood_of_stderr(_answer: bytes) -> NoReturn:
    while True:
        sys.stderr.write("noise " * 10_000)


def noise(answer: bytes) -> None:
    sys.stderr.write("\x1b[31mwarning\x1b[0m: all is well\n" * 2_000)
    sys.stderr.flush()
    say(answer)


def half_a_line(answer: bytes) -> NoReturn:
    say(answer[:10])
    sys.exit(4)


HABITS: dict[str, Callable[[bytes], None]] = {
    "hang": hang,
    "crash": crash,
    "killed": killed,
    "endless_line": endless_line,
    "flood_of_stderr": flood_of_stderr,
    "noise": noise,
    "early_exit": lambda _answer: sys.exit(0),
    "half_a_line": half_a_line,
    "garbage": lambda _answer: say(b"what?\n"),
    "not_utf_8": lambda _answer: say(b'{"seq":\xff}\n'),
    "wrong_seq": lambda answer: say(answer.replace(b'"seq":', b'"seq":9')),
    "no_seq": lambda answer: say(answer.replace(b'"seq":', b'"sequel":')),
    "skips_one": lambda _answer: None,
    "answers_twice": lambda answer: say(answer * 2),
    "one_answer_short": lambda answer: say(answer.replace(b'"trace":[[1,[]],', b'"trace":[', 1)),
    "fails": lambda answer: say(answer[: answer.index(b",")] + b',"failed":"no idea"}\n'),
}

GREETINGS: dict[str, bytes] = {
    "banner": b"Welcome!\n",
    "protocol_2": b'{"protocol":2,"implementation":{"name":"","version":"","language":""},'
    b'"capabilities":[],"settle":"exact"}\n',
    "no_settle": b'{"protocol":1,"implementation":{"name":"","version":"","language":""},'
    b'"capabilities":[]}\n',
}


def main(habit: str) -> None:
    if habit == "grandchild":
        child = subprocess.Popen(["sleep", "3600"])
        print(f"grandchild {child.pid}", file=sys.stderr, flush=True)
    if habit in GREETINGS:
        say(GREETINGS[habit])
    for number, line in enumerate(sys.stdin.buffer):
        answered = ADAPTER.answer(line)
        if answered is None:
            continue  # `stop` is not heeded: whoever says it must be able to enforce it
        if number == WHEN and habit in HABITS:
            HABITS[habit](answered.encode())
        else:
            say(answered.encode())
    if habit == "grandchild":
        hang(b"")


if __name__ == "__main__":
    main(sys.argv[1])
