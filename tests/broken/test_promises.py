"""Every promise that is broken on purpose fails the test of it; where it is kept, that holds."""

from __future__ import annotations

import pytest

from tests.broken.errors import ERROR_FAULTS
from tests.broken.giving_up import GIVING_UP_FAULTS
from tests.broken.listening import LISTENING_FAULTS
from tests.broken.promises import PromiseFault
from tests.broken.recording import RECORDING_FAULTS
from tests.broken.scopes import SCOPE_FAULTS
from tests.broken.thread_sends import THREAD_SEND_FAULTS
from tests.broken.threads import THREAD_FAULTS
from tests.broken.turns import TURN_FAULTS
from tests.broken.watching import WATCH_FAULTS
from tests.quiet import QuietLoop

FAULTS = (
    *GIVING_UP_FAULTS,
    *TURN_FAULTS,
    *ERROR_FAULTS,
    *LISTENING_FAULTS,
    *SCOPE_FAULTS,
    *THREAD_FAULTS,
    *THREAD_SEND_FAULTS,
    *WATCH_FAULTS,
    *RECORDING_FAULTS,
)


@pytest.mark.needs_pure
@pytest.mark.filterwarnings("ignore")  # what a broken registry leaves behind
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_registry_that_breaks_a_promise_fails_the_test_of_it(
    fault: PromiseFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patches, QuietLoop() as quiet:
        fault.patch(patches)
        with pytest.raises(fault.fails_with):
            fault.check(quiet)
    with QuietLoop() as quiet:
        fault.check(quiet)
    assert quiet.unraisable == []


def test_names_of_promise_faults_are_unique() -> None:
    names = [fault.name for fault in FAULTS]
    assert len(names) == len(set(names)) >= 25
