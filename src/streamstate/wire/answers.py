"""What an adapter that conforms answers: the model, as it looks from the other end of the wire.

An adapter answers an op only once its implementation is quiet, so every pull that was handed a
chunk has been seen by its awaiter before the next op. `answer` does the same to the model: it is
one op of a program, then a `Seen` for each chunk that the op handed out.

>>> answered = answer(initial(), Create())
>>> answered.text, answered.rule.name
('[1,[]]', 'CREATE_1')
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, assert_never

from streamstate.model import (
    REFERENCE,
    Chunk,
    Deleted,
    Dialect,
    Done,
    Effect,
    Errored,
    Limits,
    Op,
    PullId,
    Reason,
    Refused,
    Rejected,
    Resolved,
    Returned,
    Rule,
    Seen,
    State,
    Superseded,
    View,
    advance,
    initial,
)
from streamstate.wire.jsons import Json, compact
from streamstate.wire.ops import encode_bytes, message_of

STREAM_DELETED: Final = "Stream deleted"
PULL_SUPERSEDED: Final = "Pull superseded"
PULL_REFUSED: Final = "Pull refused"


class Answer(NamedTuple):
    """What an adapter that conforms answers to one op, and why.

    `json` is `[returned, settled]`, `text` its canonical text; `rule` is the rule that the op took
    and `state` what the registry is in once every awaiter has looked.
    """

    rule: Rule
    state: State
    json: Json
    text: str


def answer(state: State, op: Op) -> Answer:
    """`op` done in `state`, then every chunk that it handed out seen. Raises nothing."""
    rule, after, effects = advance(state, op)
    value = encode_effects(effects)
    for effect in effects:
        match effect:
            case Resolved(pull, Chunk()):
                after = advance(after, Seen(pull)).state
            case _:
                pass
    return Answer(rule, after, value, compact(value))


def encode_effects(effects: tuple[Effect, ...]) -> list[Json]:
    """`[returned, settled]`: what the caller of an op and the awaiters of pulls see of it.

    A pull that is abandoned shows by never settling, a writer that may go on shows nowhere.
    """
    returned: Json = None
    settled: list[Json] = []
    for effect in effects:
        match effect:
            case Returned(value):
                returned = encode_view(value) if isinstance(value, View) else value
            case Resolved(pull, Chunk(chunk)):
                settled.append([pull, "value", encode_bytes(chunk)])
            case Resolved(pull, Done()):
                settled.append([pull, "done"])
            case Rejected(pull, reason):
                settled.append(_rejection(pull, reason))
            case _:
                pass
    return [returned, settled]


def _rejection(pull: PullId, reason: Reason) -> list[Json]:
    return [pull, "error", encode_reason(reason)]


def trace(
    program: Iterable[Op], dialect: Dialect = REFERENCE, limits: Limits | None = None
) -> tuple[Answer, ...]:
    """The answers to a whole program on a fresh registry, one for each op."""
    state = initial(dialect, limits)
    answers: list[Answer] = []
    for op in program:
        answered = answer(state, op)
        answers.append(answered)
        state = answered.state
    return tuple(answers)


def encode_view(view: View) -> dict[str, Json]:
    """What `get` answers for a known stream."""
    return {
        "queue": [encode_bytes(chunk) for chunk in view.queue],
        "queue_size": view.queue_size,
        "closed": view.closed,
        "errored": view.errored,
        "pull_waiting": view.pull_waiting,
        "error": message_of(view.error_value) if view.errored else None,
    }


def encode_reason(reason: Reason) -> str:
    """The message with which a pull is rejected."""
    match reason:
        case Errored(value):
            return message_of(value)
        case Deleted():
            return STREAM_DELETED
        case Superseded():
            return PULL_SUPERSEDED
        case Refused():
            return PULL_REFUSED
        case _:
            assert_never(reason)
