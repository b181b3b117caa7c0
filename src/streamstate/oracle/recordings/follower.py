"""Following one recording of a live registry, op by op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from streamstate.model import CancelPull, Op, Pull, State
from streamstate.oracle.recordings.lines import require_flat
from streamstate.oracle.recordings.replay import Expected, Replay
from streamstate.oracle.verdict.recording import Deviation
from streamstate.wire import Json, WireError, agrees, is_array, parse_op, shown
from streamstate.wire.in_words import contrast, op_in_words
from streamstate.wire.recorded import parse_state


class Follower:
    """The model beside a recording that begins in `start`. It holds what the registry held."""

    def __init__(self, start: State) -> None:
        self._start: Final = start
        self._replay: Final = Replay(start)
        self._pulls = start.next_pull
        self.deviates: bool = False
        self.unchecked: int = 0
        """Ops that were taken as they stand, see `_resume`."""

    def held(self) -> int:
        """How many streams, chunks and waiting pulls it holds."""
        return self._replay.held()

    def follow(self, number: int, line: Mapping[str, Json]) -> Deviation | None:
        """The op on line `number`. None if it was answered as it should be, or if an earlier one
        was not: from there on nothing is known.

        Raises `WireError` for a line that is not `{"op":…,"returned":…,"settled":…}`. O(1), as
        `Replay.do`.
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
        expected = self._replay.do(op)
        if type(op) is Pull:
            self._pulls += 1
        if (
            settled == expected.settled
            and returned == expected.returned
            and type(returned) is type(expected.returned)
            and (not settled or all(type(item[0]) is int for item in settled))
        ):
            return None
        return self._compare(number, line, op, expected)

    def _compare(
        self, number: int, line: Mapping[str, Json], op: Op, expected: Expected
    ) -> Deviation | None:
        """The comparison that leaves no doubt: views need not have the same keys."""
        wanted: Json = [expected.returned, expected.settled]
        observed: Json = [line["returned"], line["settled"]]
        for item in _items(line["settled"]):
            if not _is_settlement(item):
                raise WireError(f"settled has {shown(item)}; expected [pull,outcome,…]")
        if agrees(wanted, observed):
            return None
        require_flat(observed)
        self.deviates = True
        called = op_in_words(op)
        if isinstance(op, Pull):
            called += f" as pull {self._pulls - 1}"
        in_words = contrast(op, wanted, observed)
        return Deviation(number, expected.rule, line["op"], wanted, observed, called, *in_words)

    def _resume(self, op: Op, line: Mapping[str, Json]) -> None:
        """Take over the state after the cancel of a pull that had settled before the recording
        began: what it was handed, if anything, the recording cannot know."""
        if set(line) != {"op", "returned", "settled", "state"}:
            raise _misshapen(line)
        if (
            not isinstance(op, CancelPull)
            or not op.pull < self._start.next_pull
            or self._replay.knows(op.pull)
        ):
            raise WireError(
                "a state comes only with the cancel of a pull that settled before the recording"
            )
        self._replay.resume(parse_state(line["state"], self._start))
        self.unchecked += 1


_FORM: Final = '{"op":…,"returned":…,"settled":[…]}'


def _misshapen(line: Mapping[str, Json]) -> WireError:
    return WireError(f"{shown(dict(line))} is not a line of a recording; expected {_FORM}")


def _items(settled: Json) -> Sequence[Json]:
    return settled if is_array(settled) else ()


def _is_settlement(item: Json) -> bool:
    match item:
        case [int(), "value" | "error", str()] | [int(), "done"]:
            return True
        case _:
            return False
