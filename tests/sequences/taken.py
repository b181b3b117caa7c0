"""The pairs and triples of rules that programs take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from streamstate.model import Clear, Create, Dialect, Rule
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.graph import Node
from streamstate.oracle.programs.program import Symbol
from tests.sequences.possible import RuleSequence, Sequences


@dataclass(slots=True)
class _Taken:
    """What one program has taken so far: the last rule, and of each stream the last two."""

    found: Sequences
    last: Rule | None = None
    of_streams: dict[int, RuleSequence] = field(default_factory=dict)

    def note(self, rule: Rule, streams: Iterable[int]) -> None:
        """The next op took that rule, on those streams."""
        if self.last is not None:
            self.found.in_a_row.add((self.last, rule))
        self.last = rule
        for stream in streams:
            before = self.of_streams.get(stream, ())
            if before:
                self.found.pairs.add((before[-1], rule))
            if len(before) > 1:
                self.found.triples.add((*before, rule))
            self.of_streams[stream] = (*before[-1:], rule)


def taken(dialect: Dialect, requests: Iterable[Request]) -> Sequences:
    """Those of all programs, none of which does ops together."""
    models = CachedModels()
    found = Sequences()
    for request in requests:
        model = models.of(dialect, request.limits)
        node = model.root
        so_far = _Taken(found)
        links = model.expect(request.program).links
        for symbol, link in zip(request.program, links, strict=True):
            so_far.note(link.rule, _streams(node, symbol))
            node = link.target
    return found


def _streams(node: Node, symbol: Symbol) -> tuple[int, ...]:
    """Those that an op is on: of a clear all there are."""
    if isinstance(symbol.op, Create):
        return (node.next_stream,)
    if isinstance(symbol.op, Clear):
        return tuple(number for number, _ in node.cells)
    return () if symbol.stream is None else (symbol.stream,)
