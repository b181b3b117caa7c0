"""What a rule might do wrong: to its own stream, to other streams, to what it hands out.

A list of simple mistakes, each made on top of what the model does. They are not rules: only the
search for a cause uses them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from streamstate.model import Returned, Step
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
)
from streamstate.oracle.diagnosis.hypotheses.instead import other_ops
from streamstate.oracle.diagnosis.hypotheses.numbers import number_mistakes, spoilt_numbers
from streamstate.oracle.diagnosis.hypotheses.places import (
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


CHANGES: Final[tuple[Change, ...]] = (
    *number_mistakes(),
    *(on_its_stream(says, spoil) for says, spoil in stream_mistakes()),
    Change("does nothing", _nothing_done),
    *other_ops(),
    Change("loses the error value", other_message(LOST)),
    Change("hands over the newest chunk", newest_handed),
    Change("hands the same chunk over again later", comes_again, of_any_op=True),
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
