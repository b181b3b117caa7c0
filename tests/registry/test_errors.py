"""What a pull raises."""

from __future__ import annotations

import asyncio
import gc
import pickle
import traceback
from typing import NoReturn

import pytest

from streamstate import (
    PullRefused,
    PullSuperseded,
    StreamDeleted,
    StreamError,
    StreamErrored,
    StreamStateRegistry,
)
from tests.quiet import QuietLoop
from tests.registry.support import look, result_of, start

CLASSES = (StreamDeleted, PullSuperseded, PullRefused, StreamErrored)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_has_the_same_base(kind: type[Exception]) -> None:
    assert issubclass(kind, StreamError)
    assert issubclass(StreamError, Exception)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (StreamDeleted(), "Stream deleted"),
        (PullSuperseded(), "Pull superseded"),
        (PullRefused(), "Pull refused"),
        (StreamErrored("boom"), "boom"),
        (StreamErrored(KeyboardInterrupt("stop")), "stop"),
    ],
)
def test_messages_survive_a_pickle(error: StreamError, message: str) -> None:
    assert str(error) == message
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), str(copied)) == (type(error), message)


def raised_by(registry: StreamStateRegistry, value: object) -> Exception:
    """What a pull raises of a stream that errored with `value`."""
    stream = registry.create()
    registry.error(stream, value)
    with pytest.raises(Exception) as caught:  # noqa: PT011  # which one is what is asked
        look(registry.pull(stream))
    return caught.value


class Custom(Exception):
    pass


@pytest.mark.parametrize(
    "value",
    [ValueError("boom"), Custom("boom"), TimeoutError(), StreamDeleted(), asyncio.QueueEmpty()],
    ids=lambda value: type(value).__name__,
)
def test_an_exception_is_raised_as_one_of_its_type_and_arguments(
    registry: StreamStateRegistry, value: Exception
) -> None:
    error = raised_by(registry, value)
    assert (type(error), error.args) == (type(value), value.args)
    assert error is not value


class Unprintable:
    def __str__(self) -> str:
        raise ValueError("no words")

    __repr__ = __str__


class Stopped(StopIteration):
    pass


VALUES = (
    StopIteration(1),
    Stopped(),
    StopAsyncIteration(),
    BaseException("base"),
    asyncio.CancelledError(),
    KeyboardInterrupt(),
    SystemExit(3),
    GeneratorExit(),
    "text",
    "",
    None,
    7,
    ValueError,
    Unprintable(),
    ["a", "list"],
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_anything_else_arrives_in_stream_errored(
    registry: StreamStateRegistry, value: object
) -> None:
    error = raised_by(registry, value)
    assert isinstance(error, StreamErrored)
    assert error.value is value
    assert "".join(traceback.format_exception(error))
    assert str(error) == shown(value)


def shown(value: object) -> str:
    """A log line that ends with a colon and nothing tells nobody what happened."""
    if isinstance(value, Unprintable):
        return object.__repr__(value)
    return str(value) or (repr(value) if isinstance(value, BaseException) else "")


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_it_arrives_the_same_through_a_task_and_an_iteration(
    registry: StreamStateRegistry, quiet: QuietLoop, value: object
) -> None:
    async def iterate(stream: int) -> None:
        async for _ in registry.chunks(stream):
            pass

    one, other = registry.create(), registry.create()
    tasks = (start(quiet, registry.pull(one)), start(quiet, iterate(other)))
    registry.error(one, value)
    registry.error(other, value)
    quiet.settle()
    for task in tasks:
        error = task.exception()
        assert isinstance(error, StreamErrored)
        assert error.value is value


def test_a_wrapped_base_exception_is_the_cause(registry: StreamStateRegistry) -> None:
    stop = KeyboardInterrupt()
    assert raised_by(registry, stop).__cause__ is stop


def fail() -> NoReturn:
    raise Custom("from here")


def frames(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


def test_raised_many_times_the_traceback_does_not_grow(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    try:
        fail()
    except Custom as error:
        boom = error
    registry.error(stream, boom)
    lengths = set()
    for _ in range(1_000):
        with pytest.raises(Custom) as caught:
            look(registry.pull(stream))
        lengths.add(len(frames(caught.value)))
        assert frames(caught.value)[-1] == "fail"
    assert len(lengths) == 1


def test_raised_in_many_tasks_and_iterations_the_traceback_does_not_grow(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    boom = Custom("boom")
    lengths = set()
    for _ in range(100):
        stream = registry.create()
        task = start(quiet, anext(registry.chunks(stream)))
        registry.error(stream, boom)
        quiet.settle()
        error = task.exception()
        assert isinstance(error, Custom)
        lengths.add(len(frames(error)))
    assert len(lengths) == 1


def test_raised_while_another_is_handled_only_that_reader_sees_the_context(
    registry: StreamStateRegistry,
) -> None:
    stream = registry.create()
    boom = Custom("boom")
    registry.error(stream, boom)
    with pytest.raises(Custom) as caught:
        look(registry.pull(stream))
    try:
        raise KeyError
    except KeyError:
        with pytest.raises(Custom):
            look(registry.pull(stream))
    assert boom.__context__ is None
    assert caught.value.__context__ is None


def test_handed_on_from_stream_to_stream_the_traceback_does_not_grow(
    registry: StreamStateRegistry,
) -> None:
    stream = registry.create()
    boom = Custom("boom")
    registry.error(stream, boom)
    lengths = set()
    for _ in range(100):
        following = registry.create()
        try:
            look(registry.pull(stream))
        except Custom as error:
            registry.error(following, error)
            lengths.add(len(frames(error)))
        stream = following
    assert len(lengths) == 1


def test_one_value_can_fail_two_streams(registry: StreamStateRegistry) -> None:
    boom = Custom("boom")
    one, other = raised_by(registry, boom), raised_by(registry, boom)
    assert (type(one), type(other)) == (Custom, Custom)
    assert one is not other


@pytest.mark.parametrize("awaited", [False, True])
def test_a_rejected_pull_that_nobody_looks_at_prints_nothing(
    registry: StreamStateRegistry,
    quiet: QuietLoop,
    unraisable: list[object],
    capfd: pytest.CaptureFixture[str],
    awaited: bool,
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    if awaited:
        task = start(quiet, pull)
        registry.error(stream, Custom("boom"))
        task.cancel()
        quiet.settle()
        assert task.cancelled()
        del task
    else:
        registry.error(stream, Custom("boom"))
    del pull
    gc.collect()
    quiet.settle()
    assert not unraisable
    assert not quiet.unraisable
    assert capfd.readouterr() == ("", "")


def test_messages_of_what_the_registry_raises(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    first, second = registry.pull(stream), registry.pull(stream)
    with pytest.raises(PullSuperseded, match=r"^Pull superseded$"):
        result_of(quiet, first)
    registry.delete(stream)
    with pytest.raises(StreamDeleted, match=r"^Stream deleted$"):
        result_of(quiet, second)
