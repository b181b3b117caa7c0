"""Ops are called as a program of the user's calls them: from a task of a running loop."""

from __future__ import annotations

import asyncio

from streamstate import StreamStateRegistry
from streamstate.testing import assert_conforms
from tests.testing.faults import PROGRAMS


class AsksWhoCalls(StreamStateRegistry):
    """Does as libraries do that find out from where they are called."""

    def create(self) -> int:
        if asyncio.current_task() is None:
            raise RuntimeError("called from no task")
        asyncio.get_running_loop()
        return super().create()


def test_plain_ops_are_called_from_a_task() -> None:
    assert_conforms(AsksWhoCalls, programs=PROGRAMS)
