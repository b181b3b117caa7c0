"""The engines by name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from streamstate.isolate.engine import Engine, Start
from streamstate.isolate.process_engine import ProcessEngine

ENGINES: Final[Mapping[str, tuple[str, str, str]]] = {
    "jsbox": ("streamstate.isolate.jsbox_engine", "JsboxEngine", "streamstate[isolate]"),
    "quickjs-rs": ("streamstate.isolate.quickjs_rs_engine", "QuickjsRsEngine", "quickjs-rs"),
}
"""Name → module, class, and what to install for it."""

DEFAULT: Final = "jsbox"


def in_process(name: str) -> Callable[[Start], Engine]:
    """A maker of engines of that name, each in a process of its own. Raises as `maker` does, and
    `OSError` if the event loop cannot wait for the pipes of a process."""
    if not hasattr(os, "killpg"):
        raise OSError(
            f"process=True needs POSIX (Linux, macOS, WSL), and this is {sys.platform};"
            " without it the engine runs in this process"
        )
    maker(name)
    return lambda start: ProcessEngine(start, name)


def maker(name: str) -> Callable[[Start], Engine]:
    """A maker of engines of that name. Raises `ValueError` for an unknown name, and
    `ModuleNotFoundError`, saying what to install, if the engine is missing."""
    if name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {name!r}")
    module, kind, install = ENGINES[name]
    try:
        made: Callable[[Start], Engine] = getattr(import_module(module), kind)
    except ModuleNotFoundError as error:
        error.add_note(f"the engine {name} is not installed: pip install '{install}'")
        raise
    return made
