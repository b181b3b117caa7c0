"""Faults of the small registries beside which the starters are tried: some lines of their source
changed, the adapter the starter itself. None of them can be looked into."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from tests.faults.fault import Fault, Group, Mode, Planting, rules
from tests.faults.javascript import node
from tests.oracle import starters
from tests.oracle.starters import Starter


@dataclass(frozen=True, slots=True)
class Edit:
    """`find` occurs once, and is replaced; and so are `more`."""

    name: str
    causes: str
    find: str
    replace: str
    more: tuple[tuple[str, str], ...] = ()

    @property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """All that is replaced, and by what."""
        return (self.find, self.replace), *self.more


@dataclass(frozen=True, slots=True)
class Edited:
    """A starter with its registry, and what is changed there."""

    group: Group
    starter: Starter
    is_there: Callable[[], bool]
    edits: tuple[Edit, ...]


def _always() -> bool:
    return True


_NEWEST_CHUNK: Final = "newest_chunk_first"
_AFTER_CLOSE: Final = "push_after_close_is_accepted"
_FORGOTTEN: Final = "delete_forgets_the_waiting_pull"
_NEWEST_STREAM: Final = "clear_goes_newest_first"
_LATE: Final = "seventeenth_chunk_fills"
_CLOSE: Final = "close_forgets_the_waiting_pull"
_REFERENCE: Final = "push_keeps_the_reference"

_IN_PYTHON: Final = (
    Edit(_NEWEST_CHUNK, "PULL_2 PULL_4", "stream.queue.popleft()", "stream.queue.pop()"),
    Edit(_AFTER_CLOSE, "PUSH_2", "stream is None or stream.closed or", "stream is None or"),
    Edit(
        _FORGOTTEN,
        "DELETE_3 CLEAR_2",
        '            stream.settle(error=Exception("Stream deleted"))',
        "            pass",
    ),
    Edit(_NEWEST_STREAM, "CLEAR_2", "in tuple(self.streams)", "in reversed(tuple(self.streams))"),
    Edit(_LATE, "IS_QUEUE_FULL_2", "len(stream.queue) >= 16", "len(stream.queue) >= 17"),
    Edit(_CLOSE, "CLOSE_2", starters.PYTHON.line, ""),
    Edit(_REFERENCE, "PUSH_8", "own = bytes(chunk)", "own = chunk"),
)
_IN_TYPESCRIPT: Final = (
    Edit(_NEWEST_CHUNK, "PULL_2 PULL_4", "stream.queue.shift()", "stream.queue.pop()"),
    Edit(_AFTER_CLOSE, "PUSH_2", " || stream.closed || stream.reason)", " || stream.reason)"),
    Edit(
        _FORGOTTEN,
        "DELETE_3 CLEAR_2",
        '      streams.get(id)?.taken()?.reject(new Error("Stream deleted"));\n',
        "",
    ),
    Edit(_NEWEST_STREAM, "CLEAR_2", "[...streams.keys()]", "[...streams.keys()].reverse()"),
    Edit(_LATE, "IS_QUEUE_FULL_2", "stream.queue.length >= 16", "stream.queue.length >= 17"),
    Edit(_CLOSE, "CLOSE_2", starters.TYPESCRIPT.line, ""),
    Edit(_REFERENCE, "PUSH_8", "own = new Uint8Array(chunk)", "own = chunk"),
)
_IN_GO: Final = (
    Edit(
        _NEWEST_CHUNK,
        "PULL_2 PULL_4",
        "chunk := s.queue[0]\n\t\ts.queue = s.queue[1:]",
        "chunk := s.queue[len(s.queue)-1]\n\t\ts.queue = s.queue[:len(s.queue)-1]",
    ),
    Edit(_AFTER_CLOSE, "PUSH_2", "s == nil || s.closed || s.err", "s == nil || s.err"),
    Edit(_FORGOTTEN, "DELETE_3 CLEAR_2", '\t\ts.settle(nil, errors.New("Stream deleted"))\n', ""),
    Edit(
        _NEWEST_STREAM,
        "CLEAR_2",
        "for id := 1; id <= r.created; id++",
        "for id := r.created; id >= 1; id--",
    ),
    Edit(_LATE, "IS_QUEUE_FULL_2", "len(s.queue) >= 16", "len(s.queue) >= 17"),
    Edit(_CLOSE, "CLOSE_2", starters.GO.line, ""),
    Edit(_REFERENCE, "PUSH_8", "append([]byte{}, chunk...)", "chunk"),
)
_IN_RUST: Final = (
    Edit(_NEWEST_CHUNK, "PULL_2 PULL_4", "stream.queue.pop_front()", "stream.queue.pop_back()"),
    Edit(_AFTER_CLOSE, "PUSH_2", "!stream.closed && stream.error", "stream.error"),
    Edit(
        _FORGOTTEN,
        "DELETE_3 CLEAR_2",
        '            stream.settle(Err("Stream deleted".into()));\n',
        "            stream.waiting = None;\n",
    ),
    Edit(_NEWEST_STREAM, "CLEAR_2", ".keys().copied()", ".keys().rev().copied()"),
    Edit(_LATE, "IS_QUEUE_FULL_2", "stream.queue.len() >= 16", "stream.queue.len() >= 17"),
    Edit(_CLOSE, "CLOSE_2", starters.RUST.line, ""),
)

EDITED: Final = (
    Edited(Group.PYTHON, starters.PYTHON, _always, _IN_PYTHON),
    Edited(Group.TYPESCRIPT, starters.TYPESCRIPT, _always, _IN_TYPESCRIPT),
    Edited(Group.GO, starters.GO, starters.go_is_there, _IN_GO),
    Edited(Group.RUST, starters.RUST, starters.cargo_is_there, _IN_RUST),
)


def edited_faults(registries: Iterable[Edited]) -> Iterator[Fault]:
    """The faults of each of those."""
    for edited in registries:
        for edit in edited.edits:
            yield Fault(
                edited.group,
                edit.name,
                rules(edit.causes),
                planting(edited.starter, edit),
                modes=(Mode.BLACK_BOX,),
            )


def missing(registries: Iterable[Edited]) -> frozenset[Group]:
    """The groups of those whose toolchain is not there."""
    return frozenset(edited.group for edited in registries if not edited.is_there())


def sound(starter: Starter) -> tuple[str, ...]:
    """The command that runs the starter beside its registry as it is."""
    return _built(starter)


def planting(starter: Starter, edit: Edit) -> Planting:
    """Plants that edit beside the starter."""

    @contextmanager
    def plant(_mode: Mode) -> Iterator[Opener]:
        command = _built(starter, *edit.pieces)
        yield lambda: ChildImplementation(command)

    return plant


def _built(starter: Starter, *pieces: tuple[str, str]) -> tuple[str, ...]:
    """Built in one folder again and again, since most of what is compiled stays as it was."""
    folder = _folder(starter)
    source = starter.source.read_text(encoding="utf-8")
    for find, replacement in pieces:
        if source.count(find) != 1:
            raise ValueError(f"{starter.source.name}: {find!r} occurs {source.count(find)} times")
        source = source.replace(find, replacement)
    if not (folder / starter.registry).exists():
        starter.laid_out(folder)
    (folder / starter.registry).write_text(source, encoding="utf-8")
    starter.build(folder)
    program, *rest = (part.format(folder=folder) for part in starter.command)
    return (node() if program == "node" else program, *rest)


@cache
def _folder(starter: Starter) -> Path:
    folder = tempfile.mkdtemp(prefix=f"faults-{starter.language}-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
