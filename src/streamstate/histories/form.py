"""The form of a history: JSON lines, a header and then a call in each.

    {"history":1,"dialect":"reference","limits":{…}}
    {"thread":"A","call":10,"return":14,"op":["create"],"answer":1}
    {"thread":"B","call":15,"return":22,"op":["pull",1],"answer":["value","YQ=="]}
    {"thread":"A","call":16,"return":18,"op":["push",1,"YQ=="],"answer":true}
    {"thread":"B","call":23,"op":["pull",1]}

`docs/reference/histories.md` says what each key means.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final, TypeGuard

from streamstate.histories.events import (
    CANCELLED,
    NEVER,
    PENDING,
    UNASKED,
    Answered,
    Brought,
    Call,
    Cancelled,
    Outcome,
    Pending,
    Time,
    Unasked,
)
from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    PushesWaiting,
    Seen,
    State,
    Waiting,
)
from streamstate.wire import (
    Json,
    WireError,
    decode_bytes,
    encode_bytes,
    encode_op,
    is_array,
    is_object,
    parse_op,
    shown,
)
from streamstate.wire.recorded import encode_start, parse_start

HISTORY: Final = 1
"""The version of the form."""


def encode_header(start: State) -> dict[str, Json]:
    """The first line of a history that begins in `start`. O(chunks)."""
    return encode_start(start, "history", HISTORY)


def parse_header(value: Mapping[str, Json], dialect: Dialect | None = None) -> State:
    """The state in which a history begins, in `dialect` instead of its own if you give one.

    Raises `WireError`, also for a state in which a pull or a push waits: nobody can say whose it
    is.
    """
    start = parse_start(value, dialect, "history", HISTORY)
    require_nobody_waits(start)
    return start


def require_nobody_waits(start: State) -> None:
    """Raise `WireError` where a pull waits, or holds a chunk, or a push waits, before the first
    call."""
    if start.handed or any(isinstance(stream, Waiting) for _, stream in start.streams):
        raise WireError("a pull waits in the state; expected one in which no call is in progress")
    if any(isinstance(stream, PushesWaiting) for _, stream in start.streams):
        raise WireError("a push waits in the state; expected one in which no call is in progress")


def encode_call(call: Call) -> dict[str, Json]:
    """The line of a call."""
    line: dict[str, Json] = {"thread": call.thread, "call": call.invoked}
    if not isinstance(call.outcome, Pending):
        line["return"] = call.responded
    line["op"] = encode_op(call.op)
    match call.outcome:
        case Answered(answer):
            line["answer"] = answer
        case Brought(chunk):
            line["answer"] = ["value", encode_bytes(chunk)]
        case Cancelled():
            line["answer"] = ["cancelled"]
        case Unasked() | Pending():
            pass
    return line


KEYS: Final = frozenset({"thread", "call", "return", "op", "answer"})
"""The keys that the line of a call may have."""


def parse_call(number: int, line: Mapping[str, Json]) -> Call:
    """The call in a line. Raises `WireError`."""
    if not line.keys() <= KEYS:
        raise WireError(f"{shown(dict(line))} has other keys than {', '.join(sorted(KEYS))}")
    invoked, responded = line.get("call"), line.get("return", NEVER)
    if not _is_time(invoked) or not (_is_time(responded) or responded is NEVER):
        raise WireError(
            f'{shown(dict(line))} has no times; expected numbers as "call" and "return"'
        )
    if responded < invoked:
        raise WireError(f"a call at {shown(invoked)} returns before it, at {shown(responded)}")
    thread = line.get("thread")
    if type(thread) is int:
        thread = str(thread)
    if not isinstance(thread, str):
        raise WireError(f"the thread is {shown(thread)}; expected a string or an integer")
    op = parse_op(line.get("op"))
    return Call(number, thread, op, invoked, responded, _outcome(op, line))


def _is_time(value: object) -> TypeGuard[Time]:
    return type(value) is int or (type(value) is float and isfinite(value))


def _outcome(op: Op, line: Mapping[str, Json]) -> Outcome:
    if "return" not in line:
        if "answer" in line:
            raise WireError("an answer without a return; expected both, or neither")
        return PENDING
    if "answer" not in line:
        if isinstance(op, Pull):
            raise WireError("a pull that returned needs an answer")
        return UNASKED
    answer = line["answer"]
    match answer:
        case ["cancelled"]:
            return CANCELLED
        case ["value", chunk] if isinstance(op, Pull):
            return Brought(decode_bytes(chunk))
        case _ if not _can_answer(op, answer):
            raise WireError(f"{shown(answer)} answers no such op; expected {EXPECTED[type(op)]}")
        case _:
            return Answered(answer)


EXPECTED: Final[dict[type[Op], str]] = {
    Create: "a number",
    Get: "an object with keys of a view, or null",
    Push: 'true, false or ["turned_away", message]',
    IsQueueFull: "true or false",
    Pull: '["value", base64], ["done"] or ["error", message]',
    Close: "null",
    Error: "null",
    Delete: "null",
    Clear: "null",
}
"""The answers that each op may give, for messages."""


def _is_view(answer: Json) -> bool:
    if not is_object(answer) or not answer:
        return False
    queue = answer.get("queue", [])
    if not is_array(queue):
        return False
    for chunk in queue:
        decode_bytes(chunk)
    return True


def _can_answer(op: Op, answer: Json) -> bool:
    """Whether an op of this kind can give this answer in any state."""
    match op:
        case Create():
            return type(answer) is int
        case Get():
            return answer is None or _is_view(answer)
        case IsQueueFull():
            return isinstance(answer, bool)
        case Push():
            match answer:
                case bool() | ["turned_away", str()]:
                    return True
                case _:
                    return False
        case Pull():
            match answer:
                case ["done"] | ["error", str()]:
                    return True
                case _:
                    return False
        case Close() | Error() | Delete() | Clear():
            return answer is None
        case CancelPull() | Seen() | CancelPush():
            raise WireError(
                'a history has calls only; a pull that was given up answers ["cancelled"]'
            )
