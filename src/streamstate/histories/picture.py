"""A drawing of a prefix without linearization, as data: lanes, calls and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from streamstate.histories.events import (
    NEVER,
    Answered,
    Brought,
    Call,
    Cancelled,
    Outcome,
    Pending,
    Unasked,
)
from streamstate.histories.linearize import Point
from streamstate.histories.prefix import Prefix
from streamstate.histories.replaying import WAITS, Told, replay
from streamstate.model import Push, Rule
from streamstate.wire import Json, encode_bytes
from streamstate.wire.in_words import (
    clean,
    op_in_words,
    settlement_in_words,
    value_in_words,
)

MOST_CALLS: Final = 16
"""At most so many calls are drawn: a reader can follow these, and the others are long over."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A call in its lane, from column to column; `end` is None if it has not returned."""

    label: int
    lane: int
    begin: int
    end: int | None
    culprit: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A call in words. `rule` is by which it takes effect in the order that is shown, `None` if it
    takes none there."""

    label: int
    line: int
    thread: str
    op: str
    answer: str
    rule: Rule | None
    culprit: bool = False

    @property
    def effect(self) -> str:
        """The rule by which the call takes effect, or the words for a call that does not."""
        if self.culprit:
            return "has no place"
        return "takes no effect" if self.rule is None else self.rule.name


@dataclass(frozen=True, slots=True)
class Picture:
    """`lanes` are names of threads. `rows` are in an order in which all but the last have a place;
    `instead` says what the model answers to the last one there, by `rule`. `left_out` calls, all
    before the others, are not shown."""

    lanes: tuple[str, ...]
    columns: int
    bars: tuple[Bar, ...]
    rows: tuple[Row, ...]
    instead: str
    rule: Rule
    left_out: int

    @property
    def caption(self) -> str:
        """A sentence that introduces `rows`."""
        label = self.rows[-1].label
        return (
            f"No order of these calls has a place for call {label}. This order has all the others:"
        )


def picture(prefix: Prefix) -> Picture:
    """The picture of a prefix. O(calls)."""
    points = [*prefix.witness]
    culprit = prefix.culprit
    if all(point.call.number != culprit.number for point in points):
        points.append(Point(culprit, Rule.GET_1))  # the rule is found below, as for all
    told = replay(prefix.one.start, points)
    last = next(each for each in told if each.call.number == culprit.number)
    chosen = _chosen(prefix, last.answer)
    labels = {call.number: label for label, call in enumerate(chosen, start=1)}
    lanes = tuple(dict.fromkeys(call.thread for call in chosen))
    bars, columns = _bars(chosen, lanes, labels, culprit)
    return Picture(
        tuple(clean(lane, 12) for lane in lanes),
        columns,
        bars,
        tuple(_rows(chosen, told, labels, culprit)),
        "it still waits" if last.answer == WAITS else f"it {_answer_in_words(last.answer)}",
        last.rule,
        len(prefix.calls) - len(chosen),
    )


def _chosen(prefix: Prefix, instead: Json) -> list[Call]:
    """The calls to show: those about the culprit's chunk, or about the one that the model has
    instead; those that overlap it; then earlier ones."""
    culprit = prefix.culprit
    chunks = {_chunk(culprit.op, culprit.outcome), _chunk_of(instead)} - {None}

    def rank(call: Call) -> tuple[bool, bool, float]:
        about = _chunk(call.op, call.outcome) in chunks
        return call.number != culprit.number, not about, -min(call.responded, culprit.responded)

    chosen = sorted(prefix.calls, key=rank)[:MOST_CALLS]
    return sorted(chosen, key=lambda call: (call.invoked, call.number))


def _chunk(op: object, outcome: Outcome) -> str | None:
    match op, outcome:
        case Push(_, chunk), _:
            return encode_bytes(chunk)
        case _, Brought(chunk):
            return encode_bytes(chunk)
        case _:
            return None


def _chunk_of(answer: Json) -> str | None:
    match answer:
        case ["value", str(chunk)]:
            return chunk
        case _:
            return None


def _bars(
    chosen: Sequence[Call], lanes: Sequence[str], labels: dict[int, int], culprit: Call
) -> tuple[tuple[Bar, ...], int]:
    events = sorted(
        [
            *((call.invoked, 0, call.number) for call in chosen),
            *((call.responded, 1, call.number) for call in chosen if call.responded != NEVER),
        ]
    )
    at = {(number, kind): column for column, (_, kind, number) in enumerate(events)}
    bars = tuple(
        Bar(
            labels[call.number],
            lanes.index(call.thread),
            at[call.number, 0],
            at.get((call.number, 1)),
            call.number == culprit.number,
        )
        for call in chosen
    )
    return bars, len(events)


def _rows(
    chosen: Iterable[Call], told: Iterable[Told], labels: dict[int, int], culprit: Call
) -> Iterator[Row]:
    """The calls in the order of the linearization, then those that take no effect, and the culprit
    last."""
    by_number = {call.number: call for call in chosen}
    shown: set[int] = set()
    for each in told:
        number = each.call.number
        if number in by_number and number != culprit.number:
            shown.add(number)
            answer = "is given up" if each.cancels else outcome_in_words(each.call.outcome)
            yield _row(by_number[number], labels, answer, each.rule)
    for number, call in by_number.items():
        if number not in shown and number != culprit.number:
            yield _row(call, labels, outcome_in_words(call.outcome), None)
    yield _row(culprit, labels, outcome_in_words(culprit.outcome), None, culprit=True)


def _row(
    call: Call, labels: dict[int, int], answer: str, rule: Rule | None, *, culprit: bool = False
) -> Row:
    thread, op = clean(call.thread, 12), op_in_words(call.op)
    return Row(labels[call.number], call.number, thread, op, answer, rule, culprit)


def outcome_in_words(outcome: Outcome) -> str:
    """How a call ended."""
    match outcome:
        case Answered(answer):
            return _answer_in_words(answer)
        case Brought(chunk):
            return _answer_in_words(["value", encode_bytes(chunk)])
        case Unasked():
            return "returns; nobody wrote what"
        case Cancelled():
            return "is given up"
        case Pending():
            return "has not returned"


def _answer_in_words(answer: Json) -> str:
    match answer:
        case [str(), *parts]:
            if answer == WAITS:
                return "waits"
            if answer[0] == "turned_away":
                return settlement_in_words(["push", 0, answer[0], *parts]).removeprefix("push 0 ")
            return settlement_in_words([0, answer[0], *parts]).removeprefix("pull 0 ")
        case _:
            return value_in_words(answer)
