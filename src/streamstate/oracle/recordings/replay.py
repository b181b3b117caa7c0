"""The model's table done in place, for going through recordings of any length.

`Replay` says what `model.step` says, op by op, as the wire has it, but it changes data instead of
copying it, so that an op costs the same however much is queued and however many streams there are.
It decides nothing: which rule applies and what is to be done is `model.tabulate`. What it holds is
what the model's state holds, and nothing of what is over.
"""

from __future__ import annotations

from typing import Final, NamedTuple, assert_never

from streamstate.model import (
    CancelPull,
    Clear,
    Close,
    Control,
    Create,
    Delete,
    Error,
    Event,
    Get,
    IsQueueFull,
    Level,
    Op,
    Pull,
    PullId,
    Push,
    Rule,
    Seen,
    State,
    StreamId,
    clear_rule,
    level_of,
)
from streamstate.oracle.recordings.ledger import Ledger, Live, Subject, compiled
from streamstate.wire import Json, encode_view, message_of

# A global is found several times faster than an enum's member.
_EMPTY: Final = Level.EMPTY
_PUSH: Final = Event.PUSH
_PULL: Final = Event.PULL
_SEEN_HANDED: Final = Event.SEEN_HANDED
_IS_QUEUE_FULL: Final = Event.IS_QUEUE_FULL

_NOTHING: Final = Subject()


class Expected(NamedTuple):
    """What an op must have answered, `[returned, settled]`, and the rule that says so."""

    rule: Rule
    returned: Json
    settled: list[Json]


class Replay:
    """The model of one registry, started in `state`."""

    def __init__(self, state: State) -> None:
        self._limits: Final = state.limits
        self._table: Final = compiled(state.dialect)
        self._absent: Final = Live(0, Control.ABSENT)
        self._ledger: Final = Ledger(state)

    def held(self) -> int:
        """How many streams, chunks and waiting pulls it holds. O(streams)."""
        return self._ledger.held()

    def resume(self, state: State) -> None:
        """Go on from the streams and numbers of `state`; handed chunks stay as they are."""
        self._ledger.resume(state)

    def knows(self, pull: PullId) -> bool:
        """Whether the pull waits or was handed a chunk that nobody has seen."""
        return pull in self._ledger.handed or pull in self._ledger.waiting

    def do(self, op: Op) -> Expected:
        """One op. Raises nothing. O(1), save that a cancel passes over the chunks given back
        before it, and clear, close, error and delete go through what they end."""
        match op:
            case Push(stream, chunk):
                return self._push(stream, chunk)
            case Pull(stream):
                return self._pull(stream)
            case Seen(pull):
                return self._seen(pull)
            case IsQueueFull(stream):
                return self._on_stream(stream, _IS_QUEUE_FULL)
            case Create():
                return self._create()
            case Close(stream):
                return self._on_stream(stream, Event.CLOSE)
            case Delete(stream):
                return self._delete(stream)
            case Error(stream, value):
                return self._on_stream(stream, Event.ERROR, Subject(message=message_of(value)))
            case CancelPull(pull):
                return self._cancel(pull)
            case Get(stream):
                return self._get(stream)
            case Clear():
                return self._clear()
            case _:
                assert_never(op)

    def _step(
        self, live: Live, event: Event, after: Level, subject: Subject = _NOTHING
    ) -> Expected:
        """Ask the table, do as it says. `after` and `others` are what `delta` asks of the data."""
        others = live.waiting is not None and len(live.waiting) > 1
        rule, returned, control, doings = self._table[event][live.control][after][others]
        ledger = self._ledger
        settled: list[Json] = []
        ledger.settled = settled
        for do in doings:
            do(ledger, live, subject)
        live.control = control
        return Expected(rule, returned, settled)

    def _on_stream(self, stream: StreamId, event: Event, subject: Subject = _NOTHING) -> Expected:
        """An event that puts in or takes out no single chunk."""
        live = self._ledger.streams.get(stream, self._absent)
        return self._step(live, event, live.control.level, subject)

    def _create(self) -> Expected:
        number = self._ledger.next_stream
        self._ledger.next_stream += 1
        self._ledger.streams[number] = live = Live(number, Control.ABSENT)
        rule, _, settled = self._step(live, Event.CREATE, _EMPTY)
        return Expected(rule, number, settled)

    def _get(self, stream: StreamId) -> Expected:
        live = self._ledger.streams.get(stream)
        shown = None if live is None else encode_view(live.view())
        rule, _, settled = self._on_stream(stream, Event.GET)
        return Expected(rule, shown, settled)

    def _push(self, stream: StreamId, chunk: bytes) -> Expected:
        live = self._ledger.streams.get(stream, self._absent)
        subject = Subject(0, (live.accepted + 1, chunk))
        return self._step(live, _PUSH, self._level_with(live, chunk), subject)

    def _level_with(self, live: Live, chunk: bytes) -> Level:
        count = 1 if live.queue is None else len(live.queue) + 1
        return level_of(self._limits, count, live.size + len(chunk))

    def _pull(self, stream: StreamId) -> Expected:
        pull = self._ledger.next_pull
        self._ledger.next_pull = pull + 1
        live = self._ledger.streams.get(stream, self._absent)
        queue = live.queue
        if queue is None:
            after = _EMPTY
        else:
            after = level_of(self._limits, len(queue) - 1, live.size - len(queue[0][1]))
        return self._step(live, _PULL, after, Subject(pull))

    def _delete(self, stream: StreamId) -> Expected:
        live = self._ledger.streams.pop(stream, self._absent)
        return self._step(live, Event.DELETE, live.control.level)

    def _clear(self) -> Expected:
        rule = clear_rule(any_waiting=bool(self._ledger.waiting))
        settled: list[Json] = []
        for stream in tuple(self._ledger.streams):
            settled += self._delete(stream).settled
        return Expected(rule, None, settled)

    def _cancel(self, pull: PullId) -> Expected:
        handed = self._ledger.handed.pop(pull, None)
        if handed is not None:
            stream, kept = handed
            live = self._ledger.streams.get(stream, self._absent)
            after = self._level_with(live, kept[1])
            return self._step(live, Event.CANCEL_HANDED, after, Subject(pull, kept))
        waited_on = self._ledger.waiting.get(pull)
        if waited_on is not None:
            return self._step(waited_on, Event.CANCEL_WAITING, _EMPTY, Subject(pull))
        return self._step(self._absent, Event.CANCEL_OTHER, _EMPTY, Subject(pull))

    def _seen(self, pull: PullId) -> Expected:
        handed = self._ledger.handed.pop(pull, None)
        if handed is None:
            return self._step(self._absent, Event.SEEN_OTHER, _EMPTY, Subject(pull))
        return self._on_stream(handed[0], _SEEN_HANDED, Subject(pull))
