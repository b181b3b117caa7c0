"""Every reader of an error gets an exception of its own; the producer's stays as it was."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import pytest

from streamstate import StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.support import look, result_of, start


class Wanting(Exception):
    """Its `__init__` wants other arguments than it keeps, and counts its calls."""

    made = 0

    def __init__(self, code: int, *, where: str) -> None:
        super().__init__(f"{code} at {where}")
        self.code = code
        self.where = where
        Wanting.made += 1


class Slotted(Exception):
    __slots__ = ("code", "never_set")

    def __init__(self, code: int) -> None:
        super().__init__("slotted")
        self.code = code


class Refusing(Exception):
    """It cannot be made without what it was made of."""

    def __new__(cls, *args: object, key: object = None) -> Refusing:
        if key is None:
            raise TypeError("no key")
        return super().__new__(cls, *args)

    def __init__(self, *args: object, key: object) -> None:
        super().__init__(*args)
        self.key = key


class Other(Exception):
    """It makes something else."""

    def __new__(cls, *args: object) -> Any:
        return Exception.__new__(ValueError if args else cls, *args)


def in_flight(error: Exception) -> Exception:
    """With a traceback, a context, a cause and notes."""
    try:
        try:
            raise KeyError("before")
        except KeyError:
            error.add_note("noted")
            raise error from LookupError("because")
    except type(error) as raised:
        return raised


def with_cause(error: Exception) -> Exception:
    error.__cause__ = KeyError("because")
    return error


def shown_alike(error: BaseException) -> object:
    """What somebody who catches it can ask of it."""
    asked = (
        *("errno", "strerror", "filename", "filename2", "characters_written"),
        *("encoding", "object", "start", "end", "reason", "exceptions", "message"),
        *("name", "path", "msg", "lineno", "text", "code", "where", "obj"),
    )
    return (
        type(error),
        str(error),
        error.args,
        {name: getattr(error, name) for name in asked if hasattr(error, name)},
        getattr(error, "__notes__", []),
        error.__cause__,
        error.__suppress_context__,
    )


ERRORS: dict[str, Callable[[], Exception]] = {
    "plain": lambda: ValueError("boom", 7),
    "nothing": ValueError,
    "wanting": lambda: Wanting(7, where="here"),
    "slotted": lambda: Slotted(7),
    "os error": lambda: OSError(2, "no such file", "a.txt", None, "b.txt"),
    "os error of its errno": lambda: FileNotFoundError(2, "no such file", "a.txt"),
    "blocking": lambda: BlockingIOError(11, "would block", 5),
    "unicode": lambda: UnicodeDecodeError("utf-8", b"\xff.", 0, 1, "invalid"),
    "unicode encode": lambda: UnicodeEncodeError("ascii", "\xff.", 0, 1, "invalid"),
    "group": lambda: ExceptionGroup("many", [ValueError(1), KeyError(2)]),
    "import": lambda: ImportError("no module", name="x", path="y"),
    "syntax": lambda: SyntaxError("bad", ("f.py", 3, 1, "x = ", 3, 2)),
    "attribute": lambda: AttributeError("no such", name="x", obj=7),
    "key": lambda: KeyError("k"),
    "with a cause": lambda: with_cause(ValueError("boom")),
    "in flight": lambda: in_flight(ValueError("boom")),
    "timeout": lambda: TimeoutError("late"),
}


def errored(registry: StreamStateRegistry, error: Exception) -> int:
    stream = registry.create()
    registry.error(stream, error)
    return stream


def read(registry: StreamStateRegistry, stream: int) -> Exception:
    try:
        look(registry.pull(stream))
    except Exception as error:
        return error
    raise AssertionError("it brought something")


@pytest.mark.parametrize("kind", ERRORS)
def test_a_reader_gets_all_that_the_producer_said(registry: StreamStateRegistry, kind: str) -> None:
    error = ERRORS[kind]()
    got = read(registry, errored(registry, error))
    assert got is not error
    assert shown_alike(got) == shown_alike(error)
    assert "".join(traceback.format_exception(got))


def held(error: Exception) -> object:
    """All that an exception has."""
    return (
        id(error.__traceback__),
        traceback.format_tb(error.__traceback__),
        id(error.__context__),
        id(error.__cause__),
        error.__suppress_context__,
        list(getattr(error, "__notes__", [])),
        error.args,
        dict(vars(error)),
        str(error),
    )


@pytest.mark.parametrize("kind", ERRORS)
def test_a_hundred_readers_change_nothing_that_the_producer_holds(
    registry: StreamStateRegistry, quiet: QuietLoop, kind: str
) -> None:
    error = ERRORS[kind]()
    before = held(error)
    waited = registry.create()
    tasks = [start(quiet, registry.pull(waited)), start(quiet, awaiting(registry, waited))]
    registry.error(waited, error)
    stream = errored(registry, error)
    for number in range(100):
        try:
            raise LookupError(number)
        except LookupError:
            read(registry, stream).add_note(f"reader {number}")
        tasks.append(start(quiet, iterating(registry, stream)))
        tasks.append(start(quiet, awaiting(registry, stream)))
    quiet.settle()
    assert {type(task.exception()) for task in tasks[1:]} == {type(error)}
    tasks[0].exception()  # it was superseded
    assert held(error) == before


async def awaiting(registry: StreamStateRegistry, stream: int) -> Any:
    try:
        return await registry.pull(stream)
    except Exception as error:
        error.add_note("awaited")
        raise


async def iterating(registry: StreamStateRegistry, stream: int) -> Any:
    return [chunk async for chunk in registry.chunks(stream)]


def test_a_type_is_not_initialised_again(registry: StreamStateRegistry) -> None:
    stream = errored(registry, Wanting(7, where="here"))
    made = Wanting.made
    read(registry, stream)
    assert Wanting.made == made


@pytest.mark.parametrize("error", [Refusing("a", key=1), Other()], ids=["refuses", "makes another"])
def test_what_cannot_be_made_again_is_raised_itself(
    registry: StreamStateRegistry, error: Exception
) -> None:
    if isinstance(error, Other):
        error.args = ("now it has some",)
    assert read(registry, errored(registry, error)) is error


def test_an_except_star_takes_its_part_of_a_group(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    group = ExceptionGroup("many", [ValueError(1), KeyError(2)])
    stream = errored(registry, group)

    async def consume() -> list[object]:
        parts: list[object] = []
        try:
            await registry.pull(stream)
        except* ValueError as some:
            parts.extend(some.exceptions)
        except* KeyError as others:
            parts.extend(others.exceptions)
        return parts

    assert result_of(quiet, consume()) == list(group.exceptions)
