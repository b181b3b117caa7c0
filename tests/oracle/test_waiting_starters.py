"""What the how-to says of adapters of pushes that wait: its lines, put into the starters, make
adapters of which registries conform, and in which faults show."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from streamstate.cli.starters import starter
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from tests.faults.javascript import node
from tests.oracle.starters import IMPLEMENTATIONS, replaced, with_diffs, with_limits
from tests.oracle.waiting_faults import IN_JAVASCRIPT, Fault
from tests.oracle.waiting_registries import WAIT, first_shown, planted, waiting_only

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "adapt-pushes-that-wait.md"

OWN_LINES = {
    "javascript": {
        'import { createStreamStateRegistry } from "./registry.mjs";': (
            'import { createWaitingRegistry } from "./registry.mjs";'
        ),
        "createStreamStateRegistry(limits && { limits: {": "createWaitingRegistry(limits && {",
        "maxQueueChunks: limits.max_queue_chunks } });": (
            "maxQueueChunks: limits.max_queue_chunks });"
        ),
        'capabilities: ["get", ': "capabilities: [",
    },
    "python": {},
}
"""What a user changes in the starter in any case: the import, the hello, the calls."""

SOURCES = {"javascript": "javascript/waiting.mjs", "python": "python/waiting_registry.py"}
ADAPTERS = {"javascript": "adapter.mjs", "python": "adapter.py"}
REGISTRIES = {"javascript": "registry.mjs", "python": "my_registry.py"}
LANGUAGES = tuple(SOURCES)
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "broken-waiting-registries.md"


def changed(language: str) -> str:
    """The starter with the lines of its section of the page."""
    page = HOW_TO.read_text(encoding="utf-8")
    (section,) = re.findall(rf"(?ims)^## {language}\n(.*?)(?=^## |\Z)", page)
    text = starter(language)
    for own, other in OWN_LINES[language].items():
        text = replaced(text, own, other)
    return with_diffs(text, section)


def unbuffered(language: str) -> str:
    """The same with limits, which may be 0."""
    text = changed(language)
    limited = text if '"limits"' in text else with_limits(text, language)
    return replaced(limited, '"limits", "', '"limits", "unbuffered", "')


def laid_out(
    folder: Path,
    language: str,
    *faults: Fault | None,
    made: Callable[[str], str] = changed,
) -> tuple[str, ...]:
    """The command of an adapter of the registry with those faults, in that folder."""
    source = (IMPLEMENTATIONS / SOURCES[language]).read_text(encoding="utf-8")
    (folder / REGISTRIES[language]).write_text(planted(source, *faults), encoding="utf-8")
    adapter = folder / ADAPTERS[language]
    adapter.write_text(made(language), encoding="utf-8")
    return (node() if language == "javascript" else sys.executable, str(adapter))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_registry_behind_the_changed_starter_conforms(language: str, tmp_path: Path) -> None:
    command = laid_out(tmp_path, language)
    verdict = check(partial(ChildImplementation, command), WAIT, planner=waiting_only)
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert verdict.tally.programs > 500


@pytest.mark.parametrize("fault", IN_JAVASCRIPT, ids=lambda fault: fault.name)
def test_a_fault_shows_behind_the_changed_starter(fault: Fault, tmp_path: Path) -> None:
    command = laid_out(tmp_path, "javascript", fault)
    assert first_shown(ChildImplementation(command)) is not None
