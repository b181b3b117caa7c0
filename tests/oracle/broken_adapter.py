"""An adapter with one bad habit, named by its first argument; for the tests of who must notice."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import NoReturn

from streamstate.model import REFERENCE, initial
from streamstate.oracle.adapters.reference import ReferenceAdapter
from streamstate.wire import answer as answer_in
from streamstate.wire import parse_program

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


def leaves_a_child(_answer: bytes) -> NoReturn:
    subprocess.Popen(["sleep", "3600"])  # which holds this one's stdout open
    sys.exit(5)


def closes_stdin(_answer: bytes) -> NoReturn:
    os.close(0)
    while True:
        signal.pause()


def half_a_line_and_silence(answer: bytes) -> NoReturn:
    say(answer[:10])
    while True:
        signal.pause()


def flood(line: bytes) -> NoReturn:
    while True:
        say(line * 10_000)


KEPT: list[bytes] = []


def unflushed(line: bytes) -> None:
    """Everything comes once the input has ended."""
    KEPT.append(answered_to(line))


def late_by_one(line: bytes) -> None:
    """Each answer is given before what the op sets off has happened."""
    said = json.loads(answered_to(line))
    if "trace" in said:
        settled = [[], *(answer[1] for answer in said["trace"])]
        said["trace"] = [
            [answer[0], before] for answer, before in zip(said["trace"], settled, strict=False)
        ]
        said["late"] = settled[-1]
    say(json.dumps(said).encode() + b"\n")


def unpadded(line: bytes) -> None:
    say(answered_to(line).replace(b"=", b""))


def swapped(line: bytes) -> None:
    """From some program on, each two answers are given in the wrong order."""
    number = json.loads(line).get("seq", 0)
    if number < WHEN:
        say(answered_to(line))
    elif number % 2 == 0:
        KEPT.append(answered_to(line))
    else:
        say(answered_to(line) + KEPT.pop())


STATE = [initial()]


def never_reset(line: bytes) -> None:
    """All programs are run on one registry."""
    message = json.loads(line)
    if message["cmd"] == "start":
        say(answered_to(line))
        return
    texts = []
    for op in parse_program(message["program"]):
        answered = answer_in(STATE[0], op)
        STATE[0] = answered.state
        texts.append(answered.text)
    trace = ",".join(texts)
    say(f'{{"seq":{message["seq"]},"trace":[{trace}],"late":[]}}\n'.encode())


def cut_short(line: bytes) -> None:
    """Lines are cut at 64 KiB, and what is no JSON then is a failure."""
    if len(line) <= 2**16:
        say(answered_to(line))
        return
    (number,) = re.findall(rb'"seq":(\d+)', line)
    say(b'{"seq":%s,"failed":"unexpected end of input"}\n' % number)


def dies_of_a_long_line(line: bytes) -> None:
    if len(line) > 2**16:
        raise ValueError("separator is not found, and chunk exceed the limit")
    say(answered_to(line))


def answered_to(line: bytes) -> bytes:
    return (ADAPTER.answer(line) or "").encode()


def first_number_is_2(line: bytes) -> None:
    say(answered_to(line).replace(b'"trace":[[1,', b'"trace":[[2,'))


def value_is_wrong(line: bytes) -> None:
    say(answered_to(line).replace(b'"YQ=="', b'"Yg=="'))


WAYS: dict[str, Callable[[bytes], None]] = {
    "unflushed": unflushed,
    "late_by_one": late_by_one,
    "unpadded": unpadded,
    "swapped": swapped,
    "never_reset": never_reset,
    "cut_short": cut_short,
    "first_number_is_2": first_number_is_2,
    "value_is_wrong": value_is_wrong,
    "dies_of_a_long_line": dies_of_a_long_line,
}
"""What is done instead of answering, with every line."""


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
    "leaves_a_child": leaves_a_child,
    "closes_stdin": closes_stdin,
    "half_a_line_and_silence": half_a_line_and_silence,
    "flood": lambda _answer: flood(b'{"seq":1}\n'),
    "flood_of_nothing": lambda _answer: flood(b"\n"),
    "red": lambda _answer: say(b"\x1b[31mred\x1b[0m \x9b31m\x00 \xe2\x80\xae\n"),
    "deep": lambda _answer: say(b"[" * 200_000 + b"\n"),
    "fails": lambda answer: say(answer[: answer.index(b",")] + b',"failed":"no idea"}\n'),
}

GREETINGS: dict[str, bytes] = {
    "banner": b"Welcome!\n",
    "marked": b'\xef\xbb\xbf{"protocol":1}\n',
    "protocol_2": b'{"protocol":2,"implementation":{"name":"","version":"","language":""},'
    b'"capabilities":[],"settle":"exact"}\n',
    "flood_at_once": b"",
    "deep_greeting": b"[" * 50_000 + b"\n",
    "huge_greeting": b'{"protocol":1,"implementation":{"name":"%s","version":"","language":""},'
    b'"capabilities":[],"settle":"exact"}\n' % (b"x" * 2**20),
    "no_settle": b'{"protocol":1,"implementation":{"name":"","version":"","language":""},'
    b'"capabilities":[]}\n',
}


def serve(way: Callable[[bytes], None]) -> None:
    for line in sys.stdin.buffer:
        if b'"stop"' in line:
            break
        way(line)
    say(b"".join(KEPT))


def main(habit: str) -> None:
    if habit == "grandchild":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # as its child does then
        child = subprocess.Popen(["sleep", "3600"])
        left = subprocess.Popen(["sleep", "3600"], start_new_session=True)  # in a group of its own
        print(f"grandchild {child.pid}\ngrandchild {left.pid}", file=sys.stderr, flush=True)
    if habit in GREETINGS:
        say(GREETINGS[habit])
    if habit == "flood_at_once":
        flood(b"loading\n")
    if habit in WAYS:
        serve(WAYS[habit])
        return
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
