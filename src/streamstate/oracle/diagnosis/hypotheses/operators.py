"""What a rule might do wrong: to its own stream, to other streams, to what it hands out.

A list of simple mistakes, each made on top of what the model does. They are not rules: only the
search for a cause uses them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from streamstate.model import Close, Delete, Effect, Error, Op, Returned, Step, advance
from streamstate.oracle.diagnosis.hypotheses.application import (
    LOST,
    SOME_ERROR,
    Application,
    Change,
)
from streamstate.oracle.diagnosis.hypotheses.contents import (
    comes_again,
    corrupted,
    newest_handed,
    other_message,
    without_its_line_feed,
)
from streamstate.oracle.diagnosis.hypotheses.numbers import number_mistakes, spoilt_numbers
from streamstate.oracle.diagnosis.hypotheses.places import (
    cleared,
    on_every,
    on_its_stream,
)
from streamstate.oracle.diagnosis.hypotheses.streams import (
    gone_if_over,
    stream_mistakes,
)


def _nothing_done(application: Application) -> Step:
    after = application.step.state
    before = replace(application.before, next_pull=after.next_pull, next_push=after.next_push)
    returned = (each for each in application.step.effects if isinstance(each, Returned))
    return Step(application.step.rule, before, tuple(returned))


def _ending(says: str, end: Callable[[int], Op]) -> Change:
    """Ends the stream in that way instead; in place of a clear every stream."""

    def made(application: Application) -> Step:
        match application.op:
            case Close(stream) | Delete(stream):
                numbers: tuple[int, ...] = (stream,)
            case _:
                numbers = cleared(application)
        state = application.before
        effects: tuple[Effect, ...] = ()
        for number in numbers:
            _, state, more = advance(state, end(number))
            effects += more
        return Step(application.step.rule, state, effects) if numbers else application.step

    return Change(says, made)


CHANGES: Final[tuple[Change, ...]] = (
    *number_mistakes(),
    *(on_its_stream(says, spoil) for says, spoil in stream_mistakes()),
    Change("does nothing", _nothing_done),
    _ending("does what a close does", Close),
    _ending("does what a delete does", Delete),
    _ending("does what an error does", lambda stream: Error(stream, SOME_ERROR)),
    Change("loses the error value", other_message(LOST)),
    Change("hands over the newest chunk", newest_handed),
    Change("hands the same chunk over again later", comes_again, of_any_op=True),
    Change(
        "cuts a line feed off the end of the pushed chunk, unless it is all of it",
        without_its_line_feed,
    ),
    on_every("removes every stream that is closed or errored", gone_if_over)._replace(
        of_any_op=True
    ),
    Change("spoils the pushed chunk", corrupted),
    Change("spoils the numbers", spoilt_numbers, renumbers=True),
    Change("keeps another error value", other_message(SOME_ERROR)),
)
"""Every mistake that the search tries, preferred ones first."""

INEXACT: Final = len(CHANGES) - 3
"""The mistakes from here on say that something is wrong, and not what comes instead."""
