"""The faults of tests.broken, in the asyncio registry of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.cli.own_registry import Sending, own_registry
from streamstate.model import Dialect, Rule
from streamstate.oracle.adapters.implementation import Opener
from streamstate.registry import situations as compiling
from tests.broken.shells import LOOP_FAULTS, SHELL_FAULTS
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS, planting
from tests.faults.black_box import in_process
from tests.faults.fault import Fault, Group, Mode, Planting, rules
from tests.faults.unseen import NOT_ASKED

_Patch = Callable[[pytest.MonkeyPatch], None]

_SHELL_CAUSES: Final = {
    "queue_is_a_stack": "PUSH_5 PUSH_6",
    "size_misses_a_push": "PUSH_5 PUSH_6",
    "one_chunk_is_queued_twice": "PUSH_5 PUSH_6",
    "second_chunk_is_lost": "PUSH_5 PUSH_6",
    "size_misses_a_pull": "PULL_2 PULL_4",
    "newest_chunk_first": "PULL_2 PULL_4",
    "handed_chunk_is_queued_too": "PUSH_4",
    "newest_pull_first": "PUSH_4",
    "dropped_chunks_are_counted": "ERROR_6 ERROR_9",
    "close_finishes_one_pull": "CLOSE_2",
    "delete_rejects_newest_first": "DELETE_3 CLEAR_2",
    "delete_forgets_the_pull": "DELETE_3 CLEAR_2",
    "error_value_is_forgotten": "ERROR_2 ERROR_3 ERROR_4 ERROR_8 ERROR_10",
    "clear_is_reversed": "CLEAR_2",
    "clear_resets_the_numbers": "CREATE_1 CLEAR_1 CLEAR_2",
    "delete_frees_the_number": "CREATE_1",
    "nothing_is_ever_full": "IS_QUEUE_FULL_2",
    "full_comes_a_chunk_late": "PUSH_5 IS_QUEUE_FULL_2",
    "seen_chunk_comes_again": "PULL_2 PUSH_4",
    "given_back_chunk_goes_last": "CANCEL_PULL_4 CANCEL_PULL_5",
    "given_back_chunk_goes_first": "CANCEL_PULL_4 CANCEL_PULL_5",
    "given_back_chunk_is_not_counted": "CANCEL_PULL_4 CANCEL_PULL_5",
    "cancelled_wait_is_not_left": "CANCEL_PULL_1",
    "cancel_swallows_the_chunk": "CANCEL_PULL_3 CANCEL_PULL_4 CANCEL_PULL_5",
    "cancel_does_nothing": "CANCEL_PULL_1 CANCEL_PULL_3 CANCEL_PULL_4 CANCEL_PULL_5",
    "awaiter_is_not_woken": "PULL_3 PUSH_4 PULL_10 CLOSE_2 ERROR_2 DELETE_3 CLEAR_2",
}
"""The rules that do the action which is wrong, in the dialect of the fault."""


_STEP_CAUSES: Final = {
    "look_gives_the_chunk_back": "PULL_2 PULL_4 PUSH_4",
    "look_at_an_end_sweeps": "PULL_1 PULL_5 PULL_6 PULL_7 CLOSE_2 ERROR_2",
}
"""On the wire a pull is looked at when it settles: the rules that settle it stand for SEEN_*."""


def asyncio_faults() -> Iterator[Fault]:
    """All of them but those for which nothing on the wire asks."""
    for table in TABLE_FAULTS:
        causes = frozenset((table.rule, *table.also))
        yield from _fault(Group.TABLE, table.name, causes, planting(table), table.dialect)
    for step in STEP_FAULTS:
        causes = rules(_STEP_CAUSES.get(step.name, step.rule.name))
        yield from _fault(Group.STEP, step.name, causes, step.patch, step.dialect)
    for shell in (*SHELL_FAULTS, *LOOP_FAULTS):
        causes = rules(_SHELL_CAUSES.get(shell.name, ""))
        yield from _fault(Group.SHELL, shell.name, causes, shell.patch, shell.dialect)


def _fault(
    group: Group, name: str, causes: frozenset[Rule], patch: _Patch, dialect: str
) -> Iterator[Fault]:
    if name not in NOT_ASKED:
        parsed = Dialect.parse(dialect)
        cancels = any(rule.name.startswith("CANCEL_PULL") for rule in causes)
        yield Fault(group, name, causes, _planting(patch, parsed, cancels=cancels), parsed)


def _planting(patch: _Patch, dialect: Dialect, *, cancels: bool) -> Planting:
    @contextmanager
    def plant(mode: Mode) -> Iterator[Opener]:
        with pytest.MonkeyPatch.context() as monkeypatch:
            compiling.situations.cache_clear()
            patch(monkeypatch)
            try:
                yield registry(dialect, mode, cancels=cancels)
            finally:
                compiling.situations.cache_clear()

    return plant


def registry(dialect: Dialect, mode: Mode = Mode.GET, *, cancels: bool = False) -> Opener:
    """The asyncio registry in that dialect, as it is at the moment."""

    def make(limits: Limits) -> StreamStateRegistry | Sending:
        return own_registry(dialect, limits)

    return in_process(make, "asyncio registry", mode, cancels=cancels)
