"""The lines of a recording that are no ops: where it begins, and how it ends.

The first line says which dialect and limits the registry has and, unless nothing had happened
there yet, in what state it was: the model's `State`, without the chunks that were handed to pulls
and not yet seen, for a registry does not know them.

    {"recording":1,"dialect":"reference","limits":{…}}
    {"recording":1,"dialect":"reference","limits":{…},"state":{"next_stream":3,…}}
    {"op":["create"],"returned":1,"settled":[]}
    {"end":null}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from streamstate.model import (
    Dialect,
    Idle,
    Offered,
    PushesWaiting,
    State,
    Stream,
    Waiting,
    initial,
    violations,
)
from streamstate.model.state import CLOSED, OPEN, Closed, Failed, Open, Placed, Queue
from streamstate.wire.jsons import Json, WireError, is_array, shown
from streamstate.wire.ops import (
    decode_bytes,
    encode_bytes,
    encode_limits,
    message_of,
    parse_limits,
)

RECORDING: Final = 1
"""The version of the form."""


def encode_start(
    state: State, kind: str = "recording", version: int = RECORDING
) -> dict[str, Json]:
    """The first line of a recording, or of another `kind` of file in that form, that begins in
    `state`. O(chunks)."""
    line: dict[str, Json] = {
        kind: version,
        "dialect": str(state.dialect),
        "limits": encode_limits(state.limits),
    }
    if state != initial(state.dialect, state.limits):
        line["state"] = encode_state(state)
    return line


def encode_end(reason: str | None) -> dict[str, Json]:
    """The last line: null if the recording was stopped, else why it broke off."""
    return {"end": reason}


def encode_state(state: State) -> dict[str, Json]:
    """Numbers and streams of a state. O(chunks)."""
    pushes = {} if state.next_push == 1 else {"next_push": state.next_push}
    return {
        "next_stream": state.next_stream,
        "next_pull": state.next_pull,
        **pushes,
        "streams": [_encode_stream(number, stream) for number, stream in state.streams],
    }


def _encode_stream(number: int, stream: Stream) -> dict[str, Json]:
    known: dict[str, Json] = {"stream": number, "accepted": stream.accepted}
    match stream:
        case Waiting(_, first, others):
            return {**known, "waiting": [first, *others]}
        case PushesWaiting(_, queue, first, others, closed):
            pushes: list[Json] = [
                [each.push, encode_bytes(each.chunk)] for each in (first, *others)
            ]
            if closed:
                known["closed"] = True
            return {**known, "pushes": pushes, **_encode_queue(queue)}
        case Idle(_, status, queue):
            match status:
                case Open():
                    flags: dict[str, Json] = {"closed": False, "error": None}
                case Closed():
                    flags = {"closed": True, "error": None}
                case Failed(value, closed):
                    flags = {"closed": closed, "error": message_of(value)}
                case _:
                    assert_never(status)
            return {**known, **flags, **_encode_queue(queue)}
        case _:
            assert_never(stream)


def _encode_queue(queue: Queue) -> dict[str, Json]:
    return {
        "given_back": [[each.place, encode_bytes(each.chunk)] for each in queue.given_back],
        "queue": [encode_bytes(chunk) for chunk in queue.fresh],
    }


def parse_start(
    value: Mapping[str, Json],
    dialect: Dialect | None = None,
    kind: str = "recording",
    version: int = RECORDING,
) -> State:
    """The state in which a recording begins, or another `kind` of file in that form, in `dialect`
    instead of its own if there is one. Raises `WireError`."""
    match value:
        case {"dialect": str(name), "limits": limits, **rest} if kind in rest and set(rest) <= {
            kind,
            "state",
        }:
            found = rest[kind]
            if type(found) is not int or found != version:
                raise WireError(f"the {kind} has form {shown(found)}; expected {version}")
            start = initial(dialect or _dialect(name), parse_limits(limits))
            return parse_state(rest["state"], start) if "state" in rest else start
        case _:
            raise WireError(
                f'{shown(dict(value))} starts no {kind}; expected {{"{kind}":{version},'
                '"dialect":…,"limits":…} and at most "state"'
            )


def _dialect(name: str) -> Dialect:
    try:
        return Dialect.parse(name)
    except ValueError as error:
        raise WireError(str(error)) from None


def parse_state(value: Json, start: State) -> State:
    """The state written as `value`, with the dialect and limits of `start`.

    Raises `WireError`, also for one that no registry in that dialect can be in. O(chunks).
    """
    match value:
        case {
            "next_stream": int(next_stream),
            "next_pull": int(next_pull),
            "streams": streams,
            **rest,
        } if is_array(streams) and type(next_push := rest.get("next_push", 1)) is int:
            known = tuple(_parse_stream(stream) for stream in streams)
            state = State(
                start.dialect, start.limits, next_stream, next_pull, known, next_push=next_push
            )
        case _:
            raise WireError(
                f"the state is {shown(value)}; expected next_stream, next_pull and streams"
            )
    for wrong in violations(state):
        raise WireError(f"no registry in dialect {start.dialect} is in that state: {wrong}")
    return state


def _parse_stream(value: Json) -> tuple[int, Stream]:
    match value:
        case {"stream": int(number), "accepted": int(accepted), "waiting": [int(first), *others]}:
            return number, Waiting(accepted, first, tuple(_integer(pull) for pull in others))
        case {
            "stream": int(number),
            "accepted": int(accepted),
            "pushes": [first, *others],
            "given_back": given_back,
            "queue": queue,
            **more,
        } if is_array(given_back) and is_array(queue):
            offered = tuple(_parse_offered(each) for each in others)
            held = _parse_queue(given_back, queue)
            closed = more.get("closed") is True
            return number, PushesWaiting(accepted, held, _parse_offered(first), offered, closed)
        case {
            "stream": int(number),
            "accepted": int(accepted),
            "closed": bool(closed),
            "error": (str() | None) as error,
            "given_back": given_back,
            "queue": queue,
        } if is_array(given_back) and is_array(queue):
            if error is None:
                status: Open | Closed | Failed = CLOSED if closed else OPEN
            else:
                status = Failed(error, closed)
            return number, Idle(accepted, status, _parse_queue(given_back, queue))
        case _:
            raise WireError(
                f"a stream of the state is {shown(value)}; expected stream, accepted and waiting,"
                " or stream, accepted, closed, error, given_back and queue,"
                " or stream, accepted, pushes, given_back and queue"
            )


def _parse_queue(given_back: Sequence[Json], queue: Sequence[Json]) -> Queue:
    older = tuple(_parse_placed(each) for each in given_back)
    fresh = tuple(decode_bytes(each) for each in queue)
    size = sum(len(placed.chunk) for placed in older) + sum(map(len, fresh))
    return Queue(older, fresh, size)


def _parse_placed(value: Json) -> Placed:
    match value:
        case [int(place), chunk]:
            return Placed(place, decode_bytes(chunk))
        case _:
            raise WireError(f"a chunk given back is {shown(value)}; expected [place, base64]")


def _parse_offered(value: Json) -> Offered:
    match value:
        case [int(push), chunk]:
            return Offered(push, decode_bytes(chunk))
        case _:
            raise WireError(f"a waiting push is {shown(value)}; expected [push, base64]")


def _integer(value: Json) -> int:
    if type(value) is not int:
        raise WireError(f"a waiting pull is {shown(value)}; expected its number")
    return value


__all__ = [
    "RECORDING",
    "encode_end",
    "encode_start",
    "encode_state",
    "parse_start",
    "parse_state",
]
