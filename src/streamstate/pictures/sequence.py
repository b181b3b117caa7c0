"""Draws a program as a sequence diagram: the caller, the registry, and the awaiters of pulls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final
from xml.etree.ElementTree import Element

from streamstate.model import Dialect, Limits, Op, Pull, Rule, Seen, State, advance, initial
from streamstate.pictures.svg import arrow, drawing, shape, text, written
from streamstate.wire import Together, Turn, encode_effects, is_array
from streamstate.wire.in_words import (
    op_in_words,
    settlement_in_words,
    value_in_words,
)

_CALLER: Final = 120.0
_REGISTRY: Final = 520.0
_AWAITERS: Final = 920.0
_WIDTH: Final = 1080.0
_TOP: Final = 96.0
_ROW: Final = 30.0


@dataclass(slots=True)
class _Moment:
    """One op: the call, its rule, what it returns and settles, and which chunks are handed and
    unseen after it."""

    op: Op
    words: str
    rule: Rule
    returned: str | None
    settled: tuple[str, ...]
    held: frozenset[int]
    y: float = field(default=0.0)

    def rows(self) -> int:
        """How many arrows the op takes."""
        return 1 + (self.returned is not None) + len(self.settled)


def sequence_diagram(
    program: Sequence[Turn],
    dialect: Dialect,
    limits: Limits,
    *,
    looks_at_once: bool = False,
    observed: str = "",
) -> str:
    """Who tells whom what in `program`, by which rule, and from when to when a chunk was handed
    and nobody had looked. `looks_at_once`: awaiters look after each turn. `observed` is what an
    implementation that deviates answered to the last one, in words. O(program)."""
    return written(
        sequence(program, dialect, limits, looks_at_once=looks_at_once, observed=observed)
    )


def sequence(
    program: Sequence[Turn],
    dialect: Dialect,
    limits: Limits,
    *,
    looks_at_once: bool = False,
    observed: str = "",
) -> Element:
    """The same picture, as a tree that can be placed in a page."""
    moments = list(_moments(program, initial(dialect, limits), looks_at_once=looks_at_once))
    y = _TOP
    for moment in moments:
        y, moment.y = y + moment.rows() * _ROW + 14, y
    bottom = y + _ROW * bool(observed)
    title = f"{len(program)} ops in {dialect}"
    said = [f"{each.words}: {each.rule.name}." for each in moments]
    said += [f"Observed at the last op: {observed}."] * bool(observed)
    root = drawing(_WIDTH, bottom + 24, title, " ".join(said))
    text(root, title, 24, 32, "title")
    for x, name in ((_CALLER, "caller"), (_REGISTRY, "registry"), (_AWAITERS, "awaiters of pulls")):
        text(root, name, x, 66, "name middle")
        shape(root, "path", "line", d=f"M{x:g} 76V{bottom:g}")
    _draw_held(root, moments, y)
    for moment in moments:
        _draw(root, moment)
    if observed:
        text(root, _clipped(f"✗ observed: {observed}"), _REGISTRY, y + 8, "bad halo middle")
    return root


def _moments(program: Sequence[Turn], state: State, *, looks_at_once: bool) -> Iterator[_Moment]:
    pulls = count(1)
    for turn in program:
        for op in turn.ops if isinstance(turn, Together) else (turn,):
            rule, state, effects = advance(state, op)
            returned, settled = encode_effects(effects)
            number = f" as pull {next(pulls)}" if isinstance(op, Pull) else ""
            held = frozenset(handed.pull for handed in state.handed)
            yield _Moment(
                op,
                op_in_words(op) + number,
                rule,
                None if returned is None else value_in_words(returned),
                tuple(map(settlement_in_words, settled if is_array(settled) else ())),
                held,
            )
        if looks_at_once:
            for handed in state.handed:
                state = advance(state, Seen(handed.pull)).state


def _draw(root: Element, moment: _Moment) -> None:
    """Draws the call, which goes to the registry or comes from the awaiter of a pull, then the
    answers."""
    y = moment.y
    start = _AWAITERS if isinstance(moment.op, Seen) else _CALLER
    _message(root, moment.words, start, _REGISTRY, y)
    side, kind = (12, "name") if start == _CALLER else (-12, "name end")
    text(root, moment.rule.name, _REGISTRY + side, y + 4, f"halo {kind}")
    if moment.returned is not None:
        y += _ROW
        _message(root, moment.returned, _REGISTRY, _CALLER, y, "back")
    for words in moment.settled:
        y += _ROW
        _message(root, words, _REGISTRY, _AWAITERS, y, "back")


def _message(root: Element, words: str, start: float, end: float, y: float, kind: str = "") -> None:
    arrow(root, ((start, y), (end, y)), kind)
    text(root, _clipped(words), (start + end) / 2, y - 6, "halo middle")


def _clipped(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


_LONGEST: Final = 54


def _draw_held(root: Element, moments: Sequence[_Moment], bottom: float) -> None:
    """Draws a bar beside the awaiters for each chunk that a pull was handed, until somebody saw it
    or gave the pull up."""
    begun: dict[int, tuple[float, int]] = {}
    for moment, following in zip(moments, [*moments[1:], None], strict=True):
        for pull in sorted(moment.held - begun.keys()):
            taken = {lane for _, lane in begun.values()}
            lane = next(free for free in count() if free not in taken)
            begun[pull] = moment.y + (moment.rows() - 1) * _ROW, lane
        for pull in tuple(begun):
            if following is None or pull not in following.held:
                start, lane = begun.pop(pull)
                _bar(root, pull, lane, start, bottom if following is None else following.y)


def _bar(root: Element, pull: int, lane: int, start: float, end: float) -> None:
    x = _AWAITERS + 8 + 9 * lane
    shape(root, "rect", "held", x=x, y=start, width=6, height=max(end - start, 6), rx=3)
    text(root, f"pull {pull}: not seen", x + 12, start + 14, "soft halo")
