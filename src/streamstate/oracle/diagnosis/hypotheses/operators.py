"""What a rule might do wrong: to its own stream, to other streams, to what it hands out.

A list of simple mistakes, each made on top of what the model does. They are not rules: only the
search for a cause uses them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from streamstate.model import Dialect, Returned, Step, pushes_wait
from streamstate.oracle.diagnosis.hypotheses.application import (
    LOST,
    SOME_ERROR,
    Application,
    Change,
)
from streamstate.oracle.diagnosis.hypotheses.contents import (
    comes_again,
    corrupted,
    handed_on_as_the_newest,
    newest_handed,
    other_message,
    settles_again,
)
from streamstate.oracle.diagnosis.hypotheses.instead import other_ops
from streamstate.oracle.diagnosis.hypotheses.numbers import number_mistakes, spoilt_numbers
from streamstate.oracle.diagnosis.hypotheses.places import (
    on_cleared,
    on_every,
    on_its_stream,
    said_of,
)
from streamstate.oracle.diagnosis.hypotheses.pushes import push_mistakes
from streamstate.oracle.diagnosis.hypotheses.queues import OVERWRITES, overwritten
from streamstate.oracle.diagnosis.hypotheses.streams import (
    gone_if_over,
    left_as_it_was,
    removal_mistakes,
    stream_mistakes,
)


def _nothing_done(application: Application) -> Step:
    after = application.step.state
    before = replace(application.before, next_pull=after.next_pull, next_push=after.next_push)
    returned = (each for each in application.step.effects if isinstance(each, Returned))
    return Step(application.step.rule, before, tuple(returned))


_OF_PUSHES: Final = tuple(push_mistakes())

CHANGES: Final[tuple[Change, ...]] = (
    *number_mistakes(),
    *(on_its_stream(says, spoil) for says, spoil in stream_mistakes()),
    *_OF_PUSHES,
    Change("does nothing", _nothing_done),
    *other_ops(),
    Change("loses the error value", other_message(LOST)),
    Change("hands over the newest chunk", newest_handed),
    Change("hands the same chunk over again later", comes_again, of_any_op=True),
    Change("keeps a settled pull waiting, so that it settles again", settles_again),
    Change("forgets the place of the chunk that it hands on", handed_on_as_the_newest),
    on_every(OVERWRITES, overwritten),
    on_every("removes the stream that is closed or errored", gone_if_over)._replace(of_any_op=True),
    *(
        on_cleared(said_of(says, "the oldest stream of all"), spoil, slice(1))
        for says, spoil in removal_mistakes()
    ),
    *(
        on_cleared(said_of(says, "the newest stream of all"), spoil, slice(-1, None))
        for says, spoil in removal_mistakes()
    ),
    *(
        on_cleared(f"leaves all streams but {kept}", left_as_it_was, slice(kept, None))
        for kept in (1, 2, 3, 4, 8, 16)
    ),
    Change("spoils the pushed chunk", corrupted),
    Change("spoils the numbers", spoilt_numbers, renumbers=True),
    Change("keeps another error value", other_message(SOME_ERROR)),
)
"""Every mistake that the search tries, preferred ones first."""

_WITHOUT_PUSHES: Final = tuple(each for each in CHANGES if each not in _OF_PUSHES)


def changes_in(dialect: Dialect) -> tuple[Change, ...]:
    """Those that may be made in a dialect, in that order: where no push waits, none with one."""
    return CHANGES if pushes_wait(dialect) else _WITHOUT_PUSHES


INEXACT: Final = len(CHANGES) - 3
"""The mistakes from here on say that something is wrong, and not what comes instead."""
