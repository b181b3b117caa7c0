"""Recordings that break a promise, each caught by the test of it."""

from __future__ import annotations

from typing import Final

from streamstate import StreamStateRegistry
from streamstate.model import initial
from streamstate.recording import recorder
from streamstate.recording.files import Files
from streamstate.recording.recorder import Recording
from streamstate.recording.sink import Sink
from tests import test_recording_crash, test_recording_in_turn
from tests.broken.promises import PromiseFault, in_a_folder, patching

WRITE: Final = Sink.write


class LateSink(Sink):
    """Collects lines, as files do, and writes some at once."""

    __slots__ = ("late",)

    late: bytes

    def write(self, line: bytes) -> None:
        self.late = getattr(self, "late", b"") + line
        if len(self.late) > 1_000:
            WRITE(self, self.late)
            self.late = b""


def begin_from_nothing(self: Recording, registry: StreamStateRegistry) -> None:
    """Each file as if nothing had happened before."""
    snapshot = initial(registry.dialect, registry.limits)
    BEGIN(self, Amnesiac(registry, snapshot))  # type: ignore[arg-type]  # all that is asked of it


class Amnesiac:
    def __init__(self, registry: StreamStateRegistry, state: object) -> None:
        self.dialect, self.limits = registry.dialect, registry.limits
        self.state = state

    def snapshot(self) -> object:
        return self.state


BEGIN: Final = Recording._begin


RECORDING_FAULTS: Final = (
    PromiseFault(
        "lines_are_written_late",
        patching((recorder, "Sink", LateSink)),
        in_a_folder(test_recording_crash.test_every_line_is_in_the_file_when_the_op_returns),
    ),
    PromiseFault(
        "later_files_begin_from_nothing",
        patching((Recording, "_begin", begin_from_nothing)),
        in_a_folder(
            test_recording_in_turn.test_every_file_conforms_alone_and_every_op_is_in_one_of_them,
            seed=1,
        ),
    ),
    PromiseFault(
        "no_file_is_ever_full",
        patching((Files, "is_full", lambda _self, _size: False)),
        in_a_folder(
            test_recording_in_turn.test_a_live_service_is_recorded_from_now_on_and_no_longer
        ),
    ),
)
