"""The reference model: what every op of a stream state registry means, as one pure function.

>>> state, effects = step(initial(), Create())
>>> effects
(Returned(value=1),)
>>> explain(state, Push(1, b"abc")).name
'PUSH_5'

Read `transition` first: its docstring is the theory, its rows are the table.
"""

from streamstate.model.control import (
    Action,
    Control,
    Event,
    Level,
    Phase,
    Writability,
    level_of,
    writability,
)
from streamstate.model.dialect import (
    ISOLATE,
    NAMED,
    PLAN_01,
    POLICIES,
    REFERENCE,
    WHATWG,
    Dialect,
    lattice,
)
from streamstate.model.effects import Abandoned, Effect, Rejected, Resolved, Returned, Unblocked
from streamstate.model.hazards import HAZARDS, Hazard, hazards
from streamstate.model.invariants import violations
from streamstate.model.ops import (
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Seen,
)
from streamstate.model.rules import OF_MEMORY, OF_THE_TABLE, Rule
from streamstate.model.state import Handed, Idle, State, Stream, Waiting, initial, view
from streamstate.model.step import Step, advance, explain, step
from streamstate.model.table import tabulate
from streamstate.model.transition import Transition, clear_rule, delta
from streamstate.model.values import (
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    Chunk,
    Deleted,
    Done,
    Errored,
    Limits,
    PullId,
    PullResult,
    Reason,
    Refused,
    StreamId,
    Superseded,
    View,
)

__all__ = [
    "HAZARDS",
    "HIGH_WATER_MARK",
    "ISOLATE",
    "MAX_QUEUE_CHUNKS",
    "NAMED",
    "OF_MEMORY",
    "OF_THE_TABLE",
    "PLAN_01",
    "POLICIES",
    "REFERENCE",
    "WHATWG",
    "Abandoned",
    "Action",
    "CancelPull",
    "Chunk",
    "Clear",
    "Close",
    "Control",
    "Create",
    "Delete",
    "Deleted",
    "Dialect",
    "Done",
    "Effect",
    "Error",
    "Errored",
    "Event",
    "Get",
    "Handed",
    "Hazard",
    "Idle",
    "IsQueueFull",
    "Level",
    "Limits",
    "Op",
    "Phase",
    "Pull",
    "PullId",
    "PullResult",
    "Push",
    "Reason",
    "Refused",
    "Rejected",
    "Resolved",
    "Returned",
    "Rule",
    "Seen",
    "State",
    "Step",
    "Stream",
    "StreamId",
    "Superseded",
    "Transition",
    "Unblocked",
    "View",
    "Waiting",
    "Writability",
    "advance",
    "clear_rule",
    "delta",
    "explain",
    "hazards",
    "initial",
    "lattice",
    "level_of",
    "step",
    "tabulate",
    "view",
    "violations",
    "writability",
]
