"""Follows one recording of a live registry, op by op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from streamstate.model import (
    CancelPull,
    Op,
    Pull,
    PullId,
    Push,
    PushId,
    Rule,
    State,
    StreamId,
    advance,
    explain,
)
from streamstate.oracle.recordings.lines import require_flat
from streamstate.oracle.verdict.recording import FileDeviation
from streamstate.wire import Json, WireError, agrees, encode_effects, is_array, parse_op, shown
from streamstate.wire.in_words import contrast, op_in_words
from streamstate.wire.recorded import parse_state


class Follower:
    """The model beside a recording that begins in `start`. It holds what the registry held."""

    def __init__(self, start: State) -> None:
        self._start: Final = start
        self._state = start
        self.deviates: bool = False
        self.unchecked: int = 0
        """Ops that were taken as they stand, see `_resume`."""

    @property
    def state(self) -> State:
        """Where the recording is now."""
        return self._state

    def go_on_from(self, state: State) -> None:
        """What follows was recorded from that state on."""
        self._state = state

    def number_from(self, stream: StreamId, pull: PullId, push: PushId) -> None:
        """Give those numbers next: what came between concerns others' streams. O(1)."""
        state = self._state
        if (state.next_stream, state.next_pull, state.next_push) != (stream, pull, push):
            self._state = State(  # `replace` takes five times as long, once for each line
                state.dialect, state.limits, stream, pull, state.streams, state.handed, push
            )

    def follow(self, number: int, line: Mapping[str, Json]) -> FileDeviation | None:
        """The op on line `number`. None if it was answered as it should be, or if an earlier one
        was not: from there on nothing is known.

        Raises `WireError` for a line that is not `{"op":…,"returned":…,"settled":…}`. As
        `step`, O(streams + chunks of the stream).
        """
        try:
            returned, settled = line["returned"], line["settled"]
        except KeyError:
            raise _misshapen(line) from None
        if type(settled) is not list:
            raise _misshapen(line)
        op = parse_op(line["op"])
        if self.deviates:
            return None
        if len(line) != 3:
            self._resume(op, line)
            return None
        rule, self._state, effects = advance(self._state, op)
        expected, settling = wanted = encode_effects(effects)
        if (
            settled == settling
            and returned == expected
            and type(returned) is type(expected)
            and all(type(item[item[0] == "push"]) is int for item in settled)
        ):
            return None
        return self._compare(number, line, op, rule, wanted)

    def _compare(
        self, number: int, line: Mapping[str, Json], op: Op, rule: Rule, wanted: Json
    ) -> FileDeviation | None:
        """The comparison that leaves no doubt: views need not have the same keys."""
        observed: Json = [line["returned"], line["settled"]]
        for item in _items(line["settled"]):
            if not _is_settlement(item):
                raise WireError(f"settled has {shown(item)}; expected {_SETTLEMENT}")
        if agrees(wanted, observed):
            return None
        require_flat(observed)
        self.deviates = True
        called = op_in_words(op)
        if isinstance(op, Pull):
            called += f" as pull {self._state.next_pull - 1}"
        elif isinstance(op, Push) and wanted == [None, []]:
            called += f" as push {self._state.next_push - 1}"
        in_words = contrast(op, wanted, observed)
        return FileDeviation(number, rule, line["op"], wanted, observed, called, *in_words)

    def _resume(self, op: Op, line: Mapping[str, Json]) -> None:
        """Take over the state after the cancel of a pull that had settled before the recording
        began: the recording cannot know what the pull held."""
        if set(line) != {"op", "returned", "settled", "state"}:
            raise _misshapen(line)
        if not isinstance(op, CancelPull) or not op.pull < self._start.next_pull or self._knows(op):
            raise WireError(
                "a state comes only with the cancel of a pull that settled before the recording"
            )
        after = parse_state(line["state"], self._start)
        self._state = replace(after, handed=self._state.handed)
        self.unchecked += 1

    def _knows(self, op: CancelPull) -> bool:
        """Whether its pull waits or was handed a chunk that nobody has seen."""
        return explain(self._state, op) is not Rule.CANCEL_PULL_9


_SETTLEMENT: Final = '[pull,outcome,…] or ["push",push,outcome,…]'
_FORM: Final = '{"op":…,"returned":…,"settled":[…]}'


def _misshapen(line: Mapping[str, Json]) -> WireError:
    return WireError(f"{shown(dict(line))} is not a line of a recording; expected {_FORM}")


def _items(settled: Json) -> Sequence[Json]:
    return settled if is_array(settled) else ()


def _is_settlement(item: Json) -> bool:
    match item:
        case [int(), "value" | "error", str()] | [int(), "done"]:
            return True
        case ["push", int(), "accepted"] | ["push", int(), "turned_away", str()]:
            return True
        case _:
            return False
