"""What an adapter that conforms answers: the model, as it looks from the other end of the wire.

An adapter answers an op only once its implementation is quiet, so every pull that was handed a
chunk has been seen by its awaiter before the next op. `answer` does the same to the model: it is
one turn of a program, then a `Seen` for each chunk that was handed out in it.

>>> answered = answer(initial(), Create())
>>> answered.text, answered.rule.name
('[1,[]]', 'CREATE_1')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias, assert_never

from streamstate.model import (
    REFERENCE,
    Accepted,
    CancelPull,
    Chunk,
    Deleted,
    Dialect,
    Done,
    Effect,
    Ended,
    Errored,
    Limits,
    Op,
    PullId,
    PushReason,
    Reason,
    Refused,
    Rejected,
    Resolved,
    Returned,
    Rule,
    Seen,
    State,
    Step,
    Superseded,
    TurnedAway,
    View,
    advance,
    initial,
)
from streamstate.wire.jsons import Json, compact, is_array
from streamstate.wire.ops import encode_bytes, message_of
from streamstate.wire.turns import Together, Turn

STREAM_DELETED: Final = "Stream deleted"
"""The message of a pull or push that was waiting when its stream was deleted."""

STREAM_CLOSED: Final = "Stream closed"
"""The message of a push that was waiting when its stream was closed."""

PULL_SUPERSEDED: Final = "Pull superseded"
"""The message of a pull whose place a later one took."""

PULL_REFUSED: Final = "Pull refused"
"""The message of a pull that came while another was waiting."""


class Answer(NamedTuple):
    """What an adapter that conforms answers to one turn, and why.

    `rule` is the rule that the op took (of several together the one to name, see `_telling`) and
    `state` what the registry is in once every awaiter has looked.
    """

    rule: Rule
    state: State
    returned: Json
    settled: list[Json]

    @property
    def json(self) -> list[Json]:
        """`[returned, settled]`."""
        return [self.returned, self.settled]

    @property
    def text(self) -> str:
        """Its canonical text, made anew each time. O(size)."""
        return answer_text(self.returned, self.settled)


Advance: TypeAlias = Callable[[State, Op], Step]
"""A meaning: the model's `advance`, or a broken one that is tried in its place."""


def answer(state: State, turn: Turn, by: Advance = advance) -> Answer:
    """Do `turn` in `state`, then see every chunk that it handed out. Raises nothing."""
    if isinstance(turn, Together):
        return answer_together(state, turn.ops, by)[0]
    rule, after, effects = by(state, turn)
    returned, settled = told(effects)
    for effect in effects:
        match effect:
            case Resolved(pull, Chunk()):
                after = by(after, Seen(pull)).state
            case _:
                pass
    return Answer(rule, after, returned, settled)


def answer_together(
    state: State, ops: Sequence[Op], by: Advance = advance
) -> tuple[Answer, tuple[Rule, ...]]:
    """The answer to ops done together in `state`, and the rules that they took in turn."""
    answered, taken = answer_each(state, ops, by)
    return answered, tuple(each.rule for each in taken)


class Taken(NamedTuple):
    """What one op of several did: its rule, and its own `[returned, settled]`."""

    rule: Rule
    json: list[Json]


def answer_each(
    state: State, ops: Sequence[Op], by: Advance = advance
) -> tuple[Answer, tuple[Taken, ...]]:
    """The answer to ops done together in `state`, and what each of them did."""
    taken: list[Taken] = []
    for op in ops:
        rule, state, effects = by(state, op)
        taken.append(Taken(rule, encode_effects(effects)))
    for handed in state.handed:
        state = by(state, Seen(handed.pull)).state
    returned, settled = _joined(ops, [each.json for each in taken])
    answered = Answer(_telling(ops, [each.rule for each in taken]), state, returned, settled)
    return answered, tuple(taken)


def answer_by(advancing: Advance, state: State, turn: Turn) -> tuple[Answer, tuple[Taken, ...]]:
    """The answer to a turn in that state, where that does its ops, and what each of several did."""
    if isinstance(turn, Together):
        return answer_each(state, turn.ops, advancing)
    return answer(state, turn, advancing), ()


def _joined(ops: Sequence[Op], answers: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """The answer to ops done together, given what each would answer alone, `[returned, settled]`.

    A pull that was given up before anybody looked has settled for nobody, however it did. O(size).
    """
    returned: list[Json] = []
    settled: list[Json] = []
    for op, alone in zip(ops, answers, strict=True):
        match alone:
            case [value, items] if is_array(items):
                returned.append(value)
                settled += items
            case _:
                raise ValueError(f"{alone!r} is no answer")
        if isinstance(op, CancelPull):
            settled = [item for item in settled if not (is_array(item) and item[0] == op.pull)]
    return returned, ends_apart(settled)


def _telling(ops: Sequence[Op], rules: Sequence[Rule]) -> Rule:
    """The rule to name for ops done together: that of the last cancel that had an effect, else of
    the last cancel; if nothing is cancelled, that of the last op."""
    cancels = [rule for op, rule in zip(ops, rules, strict=True) if isinstance(op, CancelPull)]
    effective = [rule for rule in cancels if rule is not Rule.CANCEL_PULL_9]
    return (effective or cancels or list(rules))[-1]


def answer_text(returned: Json, settled: Sequence[Json]) -> str:
    """The canonical text of `[returned, settled]`. O(size)."""
    if returned is None:  # most answers are one of these, and encoding is what takes time
        told = "null"
    elif returned is True:
        told = "true"
    elif returned is False:
        told = "false"
    elif type(returned) is int:
        told = str(returned)
    else:
        return compact([returned, settled])
    match settled:
        case []:
            return f"[{told},[]]"
        case [[int(pull), "value", str(chunk)]]:  # base64 needs no escapes
            return f'[{told},[[{pull},"value","{chunk}"]]]'
        case _:
            return compact([returned, settled])


def encode_effects(effects: tuple[Effect, ...]) -> list[Json]:
    """`[returned, settled]`: what callers of ops and awaiters of pulls and pushes see of it.

    An abandoned pull shows only by never settling; a writer that may go on does not show.
    """
    return [*told(effects)]


def told(effects: tuple[Effect, ...]) -> tuple[Json, list[Json]]:
    """The same, as `returned` and `settled`. O(size)."""
    returned: Json = None
    settled: list[Json] = []
    pushes: list[Json] = []
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
            case Accepted(push):
                pushes.append(["push", push, "accepted"])
            case TurnedAway(push, reason):
                pushes.append(["push", push, "turned_away", encode_reason(reason)])
            case _:
                pass
    return returned, settled + pushes


def ends_apart(settled: list[Json]) -> list[Json]:
    """The pulls first, then the pushes, each in their order. The two ends have callers of their
    own: which of these notices first says nothing of the registry. O(length)."""
    pulls: list[Json] = []
    pushes: list[Json] = []
    for item in settled:
        (pushes if is_array(item) and item[:1] == ["push"] else pulls).append(item)
    return pulls + pushes


def _rejection(pull: PullId, reason: Reason) -> list[Json]:
    return [pull, "error", encode_reason(reason)]


def trace(
    program: Iterable[Turn], dialect: Dialect = REFERENCE, limits: Limits | None = None
) -> tuple[Answer, ...]:
    """The answers to a whole program on a fresh registry, one for each turn."""
    state = initial(dialect, limits)
    answers: list[Answer] = []
    for turn in program:
        answered = answer(state, turn)
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


def encode_reason(reason: Reason | PushReason) -> str:
    """The message with which a pull is rejected, or a push that waited turned away."""
    match reason:
        case Errored(value):
            return message_of(value)
        case Deleted():
            return STREAM_DELETED
        case Ended():
            return STREAM_CLOSED
        case Superseded():
            return PULL_SUPERSEDED
        case Refused():
            return PULL_REFUSED
        case _:
            assert_never(reason)
