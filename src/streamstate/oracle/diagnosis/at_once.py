"""Whether ops go wrong only where they are done with no quiet between them."""

from __future__ import annotations

from typing import Final

from streamstate.model import Limits
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.editing import inner_ops
from streamstate.oracle.programs.program import Program, program_of
from streamstate.wire import Together

AT_ONCE: Final = (
    "With quiet between the ops that are done at once it answers rightly: something that one of"
    " them should do happens later, when others have been done."
)


def goes_right_one_by_one(runner: Runner, program: Program, limits: Limits | None) -> bool:
    """Whether the same ops are answered rightly one after the other. Runs one program, where any
    are done at once."""
    if not any(isinstance(each.op, Together) for each in program):
        return False
    one_by_one = program_of(op for each in program for op in inner_ops(each.op))
    (compared,) = runner.compare((one_by_one,), limits)
    return compared is not None and compared.difference is None
