"""Ops, programs and limits in the wire form, both ways."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, assert_never

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Seen,
)
from streamstate.wire.jsons import Json, WireError, is_array, read_json, shown
from streamstate.wire.turns import Together, Turn

MAX_ID: Final = 2**31 - 1
"""The largest number of a stream, pull or push that a program may name."""

FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "create": '["create"]',
        "push": '["push", stream, base64]',
        "pull": '["pull", stream]',
        "close": '["close", stream]',
        "error": '["error", stream, message]',
        "is_queue_full": '["is_queue_full", stream]',
        "delete": '["delete", stream]',
        "clear": '["clear"]',
        "get": '["get", stream]',
        "cancel_pull": '["cancel_pull", pull]',
        "seen": '["seen", pull]',
        "cancel_push": '["cancel_push", push]',
    }
)
"""Every op of the wire with its form, for messages."""


def parse_program(source: str | bytes | Json) -> tuple[Op, ...]:
    """The ops of a program, given as JSON text or as the JSON value (an array of ops).

    Raises `WireError`, which for an op names its place as `program[index]`. O(length).
    """
    value = read_json(source) if isinstance(source, (str, bytes)) else source
    if not is_array(value):
        raise WireError(f"a program must be a JSON array of ops, not {shown(value)}")
    return tuple(parse_op(op, f"program[{index}]") for index, op in enumerate(value))


def parse_op(value: Json, where: str = "op") -> Op:
    """The op that `value`, as read from JSON, is the wire form of.

    Raises `WireError`, starting with `where`, for anything that is not exactly one of `FORMS`.
    """
    try:
        return _parse_op(value)
    except WireError as error:
        raise WireError(f"{where} is {shown(value)}: {error}") from None


def parse_turns(source: str | bytes | Json) -> tuple[Turn, ...]:
    """The turns of a program that may hold ops done together, from JSON text or the JSON value.
    Raises `WireError` as `parse_program` does."""
    value = read_json(source) if isinstance(source, (str, bytes)) else source
    if not is_array(value):
        raise WireError(f"a program must be a JSON array of ops, not {shown(value)}")
    return tuple(parse_turn(each, f"program[{index}]") for index, each in enumerate(value))


def parse_turn(value: Json, where: str = "op") -> Turn:
    """What `value` is the wire form of: an op, or `["together", op, …]` with at least one.

    Raises `WireError`, starting with `where`. A `seen` is for recordings, and in no together.
    """
    match value:
        case ["together"]:
            raise WireError(f"{where} is {shown(value)}: {_TOGETHER}")
        case ["together", *ops]:
            parsed = tuple(parse_op(op, f"{where}[{at}]") for at, op in enumerate(ops, start=1))
            if any(isinstance(op, Seen) for op in parsed):
                raise WireError(f"{where} is {shown(value)}: {_TOGETHER}")
            return Together(parsed)
        case _:
            return parse_op(value, where)


_TOGETHER: Final = 'expected ["together", op, …] with at least one op, none of them seen'


def _parse_op(value: Json) -> Op:
    match value:
        case ["create"]:
            return Create()
        case ["push", stream, chunk]:
            return Push(_number("stream", stream), decode_bytes(chunk))
        case ["pull", stream]:
            return Pull(_number("stream", stream))
        case ["close", stream]:
            return Close(_number("stream", stream))
        case ["error", stream, message]:
            return Error(_number("stream", stream), _message(message))
        case ["is_queue_full", stream]:
            return IsQueueFull(_number("stream", stream))
        case ["delete", stream]:
            return Delete(_number("stream", stream))
        case ["clear"]:
            return Clear()
        case ["get", stream]:
            return Get(_number("stream", stream))
        case ["cancel_pull", pull]:
            return CancelPull(_number("pull", pull))
        case ["seen", pull]:
            return Seen(_number("pull", pull))
        case ["cancel_push", push]:
            return CancelPush(_number("push", push))
        case [str(name), *_] if name in FORMS:
            raise WireError(f"expected {FORMS[name]}")
        case [str(name), *_]:
            raise WireError(f"unknown op {shown(name)}; expected one of {', '.join(FORMS)}")
        case _:
            raise WireError("expected an array that starts with the name of an op")


def _number(what: str, value: Json) -> int:
    if type(value) is not int or not 0 <= value <= MAX_ID:
        raise WireError(f"{what} is {shown(value)}; expected an integer from 0 to {MAX_ID}")
    return value


def decode_bytes(value: Json) -> bytes:
    """The chunk that a string of padded base64 stands for. Raises `WireError`. O(length)."""
    expected = "expected a string of padded base64 (RFC 4648 section 4)"
    if not isinstance(value, str):
        raise WireError(f"the chunk is {shown(value)}; {expected}")
    try:
        chunk = b64decode(value, validate=True)
    except ValueError as error:
        raise WireError(f"the chunk {shown(value)} is not base64 ({error}); {expected}") from None
    # Decoders forgive stray bits after the last byte and more; encoding again forgives nothing.
    if encode_bytes(chunk) != value:
        raise WireError(f"the chunk is not written {shown(encode_bytes(chunk))}; {expected}")
    return chunk


def _message(value: Json) -> str:
    if not isinstance(value, str):
        raise WireError(f"the message is {shown(value)}; expected a string")
    return value


def parse_limits(value: Json) -> Limits:
    """The limits written as `{"high_water_mark": n, "max_queue_chunks": n}`, both needed.

    Raises `WireError`.
    """
    expected = 'expected {"high_water_mark": n, "max_queue_chunks": n}, integers from 0 on'
    match value:
        case {"high_water_mark": int(size), "max_queue_chunks": int(count), **rest} if not rest:
            try:
                return Limits(size, count)
            except (TypeError, ValueError) as error:
                raise WireError(f"limits are {shown(value)}: {error}; {expected}") from None
        case _:
            raise WireError(f"limits are {shown(value)}; {expected}")


def encode_bytes(chunk: bytes) -> str:
    """The chunk in padded base64."""
    return b64encode(chunk).decode("ascii")


def message_of(error_value: object) -> str:
    """The text of an error value on the wire: a string as it is, anything else as `str` of it."""
    return error_value if isinstance(error_value, str) else str(error_value)


def encode_op(op: Turn) -> list[Json]:
    """The wire form of `op`; `parse_turn` reads it back where an error value is a string."""
    match op:
        case Together(ops):
            return ["together", *map(encode_op, ops)]
        case Create():
            return ["create"]
        case Push(stream, chunk):
            return ["push", stream, encode_bytes(chunk)]
        case Pull(stream):
            return ["pull", stream]
        case Close(stream):
            return ["close", stream]
        case Error(stream, value):
            return ["error", stream, message_of(value)]
        case IsQueueFull(stream):
            return ["is_queue_full", stream]
        case Delete(stream):
            return ["delete", stream]
        case Clear():
            return ["clear"]
        case Get(stream):
            return ["get", stream]
        case CancelPull(pull):
            return ["cancel_pull", pull]
        case Seen(pull):
            return ["seen", pull]
        case CancelPush(push):
            return ["cancel_push", push]
        case _:
            assert_never(op)


def encode_program(program: Iterable[Turn]) -> list[list[Json]]:
    """The wire form of a program."""
    return [encode_op(op) for op in program]


def encode_limits(limits: Limits) -> dict[str, int]:
    """The wire form of limits."""
    return {
        "high_water_mark": limits.high_water_mark,
        "max_queue_chunks": limits.max_queue_chunks,
    }
