"""What the oracle asks of an implementation under test, wherever it runs."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Final, Protocol, TypeAlias, runtime_checkable

from streamstate.model import Limits
from streamstate.oracle.adapters.settled_pushes import misread, pulls_first
from streamstate.oracle.programs.program import Program
from streamstate.wire import (
    PROTOCOL,
    Json,
    WireError,
    compact,
    encode_limits,
    ends_apart,
    is_array,
    is_object,
    parse_limits,
    read_json,
    shown,
)


@dataclass(frozen=True, slots=True)
class Hello:
    """How an implementation introduced itself."""

    name: str
    version: str
    language: str
    capabilities: frozenset[str]
    exact: bool
    """Whether it answers only once it is quiet (`"settle": "exact"`)."""
    lacks: frozenset[str] = frozenset()
    """The ops that it lacks."""
    limits: Limits | None = None
    """The limits of each of its registries, if they are fixed and not the usual ones."""


@dataclass(frozen=True, slots=True)
class Request:
    """One program to be run on a fresh registry; `limits` None means the default ones."""

    seq: int
    program: Program
    limits: Limits | None = None
    family: str = field(default="", compare=False)

    def line(self) -> bytes:
        """The request as a line of the protocol."""
        limits = "" if self.limits is None else f',"limits":{compact(encode_limits(self.limits))}'
        program = ",".join([symbol.text for symbol in self.program])
        return f'{{"cmd":"run","seq":{self.seq},"program":[{program}]{limits}}}\n'.encode()


@unique
class Fault(Enum):
    """How the exchange itself can break."""

    START = "did not start"
    HANDSHAKE = "broke the handshake"
    DIED = "died"
    HUNG = "hung"
    GARBAGE = "broke the protocol"


class ExchangeError(Exception):
    """The exchange broke: no verdict on what was not answered. `stderr` is the tail of it."""

    def __init__(self, fault: Fault, message: str, stderr: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message
        self.stderr = stderr

    def __reduce__(self) -> tuple[type[ExchangeError], tuple[Fault, str, str]]:
        return ExchangeError, (self.fault, self.message, self.stderr)


class OutOfTimeError(ExchangeError):
    """The budget was over while an answer was due."""

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(Fault.HUNG, message, stderr)


CAPABILITIES: Final = frozenset(
    {
        *("get", "limits", "unbuffered", "fill", "cancel", "cancel_push"),
        *("together", "lends", "surrogates"),
    }
)
"""What an adapter may offer."""

LACKABLE: Final = frozenset({"close", "error", "is_queue_full", "delete", "clear"})
"""What an adapter may lack."""

MAX_HELLO: Final = 2**16
"""The most bytes of an answer to `start`: all of it goes into every report."""


class Implementation(Protocol):
    """An implementation that runs programs, each on a fresh registry. Closing ends it for good."""

    @property
    def hello(self) -> Hello: ...

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """The raw answer lines, in the order of the requests, which it takes ahead of them.

        Raises `ExchangeError` if the exchange breaks.
        """
        ...

    def close(self) -> None: ...


@runtime_checkable
class Hurried(Protocol):
    """An implementation for whose answers somebody waits, and can wait for less long."""

    def hurry(self, seconds: float) -> None:
        """From now on, take so many seconds without an answer for a hang, unless it was fewer
        already."""
        ...


@runtime_checkable
class Traced(Protocol):
    """An implementation in this process, so that tracebacks can be seen."""

    def thrown(self, request: Request) -> BaseException | None:
        """The exception of the last op of the program that threw; None if none did."""
        ...


def parse_hello(line: bytes) -> Hello:
    """The answer to `start`. Raises `ExchangeError` naming what is wrong and what was expected."""
    if len(line) > MAX_HELLO:
        raise _bad_handshake(f"it has {len(line):,} bytes; expected at most {MAX_HELLO:,}")
    try:
        value = read_json(line)
    except WireError as error:
        raise _bad_handshake(f"{_quoted(line)} is {error}; {_HELLO}{_LOGS}") from None
    try:
        return read_hello(value)
    except WireError as error:
        raise _bad_handshake(str(error)) from None


def read_hello(value: Json) -> Hello:
    """The hello in an answer to `start`. Raises `WireError`."""
    if not is_object(value):
        raise WireError(f"it answered {shown(value)}; {_HELLO}")
    protocol = value.get("protocol", PROTOCOL)
    if type(protocol) is not int or protocol != PROTOCOL:
        raise WireError(f"it speaks protocol {shown(protocol)}, not {PROTOCOL}")
    _require_known(value, _KEYS, _HELLO)
    match value:
        case {
            "protocol": _,
            "implementation": {
                "name": str(name),
                "version": str(version),
                "language": str(language),
                **others,
            },
            "capabilities": capabilities,
            "settle": "exact" | "best-effort" as settle,
            **rest,
        } if is_array(capabilities):
            _require_known(others, (), _HELLO)
            offered = frozenset(each for each in capabilities if isinstance(each, str))
            if len(offered) != len(capabilities):
                raise WireError(f"capabilities are {shown(capabilities)}; {_HELLO}")
            if "unbuffered" in offered and "limits" not in offered:
                raise WireError(f"it offers unbuffered and takes no limits; {_HELLO}")
            lacks, limits = _lacks(rest), rest.get("limits")
            fixed = None if limits is None else parse_limits(limits)
            if fixed is not None and "limits" in offered:
                raise WireError(f"it has limits, and offers to take others; {_HELLO}")
            return Hello(name, version, language, offered, settle == "exact", lacks, fixed)
        case _:
            raise WireError(f"it answered {shown(value)}; {_HELLO}")


def _lacks(rest: Mapping[str, Json]) -> frozenset[str]:
    lacks = rest.get("lacks", [])
    if is_array(lacks):
        names = frozenset(each for each in lacks if isinstance(each, str))
        if names <= LACKABLE and len(names) == len(lacks):
            return names
    raise WireError(f"it lacks {shown(lacks)}; expected some of {', '.join(sorted(LACKABLE))}")


_KEYS: Final = {"protocol", "implementation", "capabilities", "settle", "lacks", "limits"}

_HELLO: Final = (
    f'expected {{"protocol":{PROTOCOL},"implementation":{{"name","version","language"}},'
    '"capabilities":[…],"settle":"exact"|"best-effort"}'
)


def _require_known(keys: Iterable[object], known: Collection[str], expected: str) -> None:
    """Raise `WireError` for a key that the protocol does not have there."""
    for key in keys:
        if key not in known:
            raise WireError(f"it has the key {shown(str(key))}; {expected}")


def _bad_handshake(message: str) -> ExchangeError:
    return ExchangeError(Fault.HANDSHAKE, f"the answer to start is not in the protocol: {message}")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer line, read: one answer for each op and what settled late; or why the adapter
    failed."""

    trace: tuple[Json, ...] = ()
    late: tuple[Json, ...] = ()
    failed: str | None = None


def parse_reply(line: bytes, seq: int, ops: int) -> Reply:
    """The reply to request `seq`, a program of `ops` ops.

    Raises `ExchangeError` for a line that is not such a reply. O(length).
    """
    try:
        value = read_json(line)
    except WireError as error:
        raise _garbage(line, f"{error}{_LOGS}") from None
    try:
        if is_object(value) and "seq" in value:
            require_seq(value["seq"], seq)
        return read_reply(value, ops)
    except WireError as error:
        raise _garbage(line, str(error)) from None


def require_seq(observed: Json, due: int) -> None:
    """Raise `WireError` for the number of another request than the one that is due."""
    if type(observed) is not int or observed != due:
        raise WireError(f"seq is {shown(observed)}, not {due}")


def read_reply(value: Json, ops: int) -> Reply:
    """The reply in an answer to a program of `ops` ops. Raises `WireError`."""
    if not is_object(value):
        raise WireError(_REPLY)
    _require_known(value, {"seq", "trace", "late", "failed"}, _REPLY)
    if "failed" in value and not value.keys().isdisjoint({"trace", "late"}):
        raise WireError(f"it has both failed and trace; {_REPLY}")
    match value:
        case {"seq": _, "failed": str(message)}:
            return Reply(failed=message)
        case {"seq": _, "trace": trace, "late": late} if is_array(trace) and is_array(late):
            if not all(_is_answer(each) for each in trace):
                raise WireError("an answer in the trace is not [returned, [settled…]]")
            if len(trace) != ops:
                raise WireError(f"{len(trace)} answers to {ops} ops")
            if (wrong := misread(trace, late)) is not None:
                return Reply(failed=wrong)
            return Reply(tuple(map(pulls_first, trace)), tuple(ends_apart(list(late))))
        case _:
            raise WireError(_REPLY)


_REPLY: Final = 'expected {"seq":…,"trace":[…],"late":[…]} or {"seq":…,"failed":"…"}'


def _is_answer(value: Json) -> bool:
    return is_array(value) and len(value) == 2 and is_array(value[1])


def _garbage(line: bytes, why: str) -> ExchangeError:
    return ExchangeError(Fault.GARBAGE, f"{_quoted(line)} is no answer: {why}")


def _quoted(line: bytes) -> str:
    """The line as a message shows it: its beginning, and what cannot be seen in it."""
    if line.startswith(BOM_UTF8):
        return f"a byte order mark and {_quoted(line.removeprefix(BOM_UTF8))}"
    if not line.strip():
        return "an empty line"
    text = line[:200].decode("utf-8", "backslashreplace").rstrip("\r\n")
    return f"the line {text}{'…' * (len(line) > 200)}"


_LOGS: Final = "; each line on stdout is an answer, logs belong on stderr"


Opener: TypeAlias = Callable[[], Implementation]
"""Starts an implementation; each call starts another one of the same kind."""
