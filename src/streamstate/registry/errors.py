"""What a pull can raise, and how an error value becomes an exception."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import MemberDescriptorType, TracebackType
from typing import Final, NoReturn

from streamstate.model import Deleted, Dialect, Refused, StreamId, Superseded


class StreamError(Exception):
    """Base of the exceptions that the registry itself raises for a stream or a pull."""


class StreamDeleted(StreamError):
    """The stream was deleted while a pull waited on it, or while somebody iterated over it."""

    def __init__(self, message: str = "Stream deleted") -> None:
        super().__init__(message)


class StreamClosed(StreamError):
    """The stream was closed while a send waited on it: its chunk is not sent (CLOSE_6)."""

    def __init__(self, message: str = "Stream closed") -> None:
        super().__init__(message)


class PushMustWait(RuntimeError):
    """A push that may not wait would have to (PUSH_9). Nothing has changed."""

    def __init__(
        self, stream: StreamId, dialect: Dialect, instead: str = "await send(stream, chunk)"
    ) -> None:
        super().__init__(
            f"stream {stream} is full, and in dialect {dialect} a push waits for room:"
            f" {instead} instead"
        )


class PullSuperseded(StreamError):
    """A later pull on the stream took the place of this one (PULL_10)."""

    def __init__(self, message: str = "Pull superseded") -> None:
        super().__init__(message)


class PullRefused(StreamError):
    """Another pull was already waiting on the stream (PULL_11)."""

    def __init__(self, message: str = "Pull refused") -> None:
        super().__init__(message)


class WriterStopped(StreamError):
    """Something that is not an `Exception`, most likely a cancellation, stopped the writer of the
    stream before the end. `__cause__` is that."""


class StreamErrored(StreamError):
    """The stream errored with something that cannot be raised as it is: `value`.

    That is every value that is not an `Exception`, and `StopIteration` and `StopAsyncIteration`,
    which have another meaning for the code that they would pass through. Its message is the value's
    own, or the `repr` of an exception that has none.
    """

    def __init__(self, value: object) -> None:
        super().__init__(_text(value))
        self.value = value

    def __reduce__(self) -> tuple[type[StreamErrored], tuple[object]]:
        return type(self), (self.value,)


def _text(value: object) -> str:
    """The value's own message; of an exception that has none, what it is."""
    try:
        return str(value) or (repr(value) if isinstance(value, BaseException) else "")
    except Exception:  # a value that cannot be shown must still arrive
        return object.__repr__(value)


class Failure:
    """An error value as the registry keeps it, with the traceback that it came with.

    Every reader gets an exception of its own: what Python does to one that is raised (traceback,
    context, notes) shows to nobody else, and the value stays as its producer made it.
    """

    __slots__ = ("_exception", "_traceback", "value")

    def __init__(self, value: object) -> None:
        self.value: object = value
        # By its type: what only says that it is an exception cannot be raised.
        kind = type(value)
        self._exception = value if issubclass(kind, BaseException) else None
        self._traceback = None
        if isinstance(self._exception, BaseException):
            self._traceback = _before_raises(self._exception.__traceback__)

    def exception(self) -> Exception:
        """The exception to raise: a twin of the value where it is safe to raise that, else a
        `StreamErrored`."""
        value = self._exception
        if isinstance(value, Exception) and not isinstance(
            value, (StopIteration, StopAsyncIteration)
        ):
            return twin(value).with_traceback(self._traceback)
        wrapped = StreamErrored(self.value)
        if isinstance(value, BaseException):
            wrapped.__cause__ = value
        return wrapped


def twin(error: Exception) -> Exception:
    """An exception with the type, arguments and attributes of `error`, and its cause and context.

    It is made without `__init__`, which may want other arguments than it kept, or do things. What
    cannot be made that way is `error` itself.
    """
    kind = type(error)
    try:
        other = kind.__new__(kind, *error.args)
        if type(other) is not kind:
            return error
        for member in _members(kind):
            _copy_member(member, error, other)
        vars(other).update(vars(error))
        notes = vars(error).get("__notes__")
        if isinstance(notes, list):
            vars(other)["__notes__"] = list(notes)
        for name in ("__context__", "__cause__", "__suppress_context__"):  # the last is set by both
            kept = vars(BaseException)[name]
            kept.__set__(other, kept.__get__(error))
    except Exception:
        return error
    return other


def _members(kind: type) -> Iterator[MemberDescriptorType]:
    """Where an instance keeps what is not in its `__dict__`: slots, and members in C."""
    for each in kind.__mro__:
        for attribute in vars(each).values():
            if isinstance(attribute, MemberDescriptorType):
                yield attribute


_UNSET: Final = object()


def _copy_member(member: MemberDescriptorType, one: Exception, other: Exception) -> None:
    """Past any `__setattr__` or property of its own."""
    value = _member(member, one)
    if value is _UNSET or value is _member(member, other):
        return  # nor is it the same to an `OSError` to be told that there is None
    with suppress(AttributeError, TypeError):  # read-only: `__new__` has set it
        member.__set__(other, value)


def _member(member: MemberDescriptorType, instance: Exception) -> object:
    try:
        return member.__get__(instance)
    except AttributeError:
        return _UNSET


def _before_raises(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback as it was before a registry raised its exception, this one or another: an
    error that is handed on from stream to stream must not carry all of its ways along."""
    entry = traceback
    while entry is not None:
        if entry.tb_frame.f_code is raise_for.__code__:
            traceback = entry.tb_next
        entry = entry.tb_next
    return traceback


def raise_for(reason: Failure | Deleted | Superseded | Refused) -> NoReturn:
    """Raise what a pull rejected for `reason` raises. `_before_raises` knows this function."""
    match reason:
        case Failure():
            raise reason.exception()
        case Deleted():
            raise StreamDeleted
        case Superseded():
            raise PullSuperseded
        case Refused():
            raise PullRefused


def thrown(
    typ: type[BaseException] | BaseException, val: object, tb: TracebackType | None
) -> BaseException:
    """The exception that a three-argument throw, deprecated but still called, stands for."""
    if isinstance(typ, BaseException):
        made = typ
    elif isinstance(val, BaseException):
        made = val
    else:
        made = typ() if val is None else typ(val)
    return made if tb is None else made.with_traceback(tb)
