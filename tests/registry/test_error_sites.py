"""Where an error came from, and what one reader adds to it, shows to that reader alone."""

from __future__ import annotations

import traceback
from typing import NoReturn

import pytest

from streamstate import StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.support import look, registry_with, start
from tests.registry.test_error_twins import errored


def fail() -> NoReturn:
    raise ValueError("from here")


def produced() -> Exception:
    try:
        fail()
    except ValueError as error:
        return error


def sites(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


def test_a_traceback_is_where_it_came_from_and_where_this_reader_was(
    registry: StreamStateRegistry,
) -> None:
    error = produced()
    stream = errored(registry, error)

    def one() -> Exception:
        with pytest.raises(ValueError, match="from here") as caught:
            look(registry.pull(stream))
        return caught.value

    def other() -> Exception:
        with pytest.raises(ValueError, match="from here") as caught:
            look(registry.pull(stream))
        return caught.value

    first = one()
    before = sites(first)
    second = other()
    assert sites(first) == before
    assert (before[0], sites(second)[0]) == ("one", "other")
    assert (before[-1], sites(second)[-1]) == ("fail", "fail")
    assert "other" not in before
    assert sites(error) == ["produced", "fail"]


def test_a_consumer_that_pulls_again_where_it_handles_keeps_the_first_site(
    registry: StreamStateRegistry,
) -> None:
    stream = errored(registry, produced())
    checks: list[tuple[object, ...]] = []

    def consume() -> None:
        try:
            look(registry.pull(stream))
        except ValueError as error:
            before = sites(error)
            with pytest.raises(ValueError, match="from here") as caught:
                look(registry.pull(stream))
            after = sites(error)
            checks.append((after == before, caught.value.__context__, error.__context__))
            raise

    with pytest.raises(ValueError, match="from here") as caught:
        consume()
    assert sites(caught.value)[1] == "consume"
    assert checks == [(True, caught.value, None)]


def test_what_one_reader_adds_shows_at_no_other(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="queue")
    stream = registry.create()
    tasks = [start(quiet, registry.pull(stream)) for _ in range(3)]
    noted = produced()
    noted.add_note("the producer's")
    registry.error(stream, noted)
    quiet.settle()
    first, second, third = (task.exception() for task in tasks)
    assert first is not None
    assert second is not None
    assert third is not None
    first.add_note("mine")
    first.__context__ = KeyError()
    first.found = 7  # type: ignore[attr-defined]
    second.args = ("changed",)
    assert third.__notes__ == ["the producer's"]
    assert third.__context__ is None
    assert third.args == ("from here",)
    assert not hasattr(third, "found")
