"""Testing a registry of your own, written in Python, against the model.

`assert_conforms` is one line in a test; `RegistryMachine` is a Hypothesis state machine to
subclass; `programs`, `ops` and `chunks` are strategies; `pytest --streamstate-factory=module:Name`
runs the specification's vectors. A registry may be sync or async: see `StreamRegistry`.

The machine and the strategies need Hypothesis, and the plugin pytest: the extra `testing` has both.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from streamstate.oracle.adapters.convention import Convention, UnreadableError
from streamstate.testing.conforms import assert_conforms
from streamstate.testing.factory import Factory, StreamRegistry
from streamstate.testing.vectors import own_vectors

if TYPE_CHECKING:
    from streamstate.testing.machine import RegistryMachine
    from streamstate.testing.strategies import chunks, ops, programs, small_limits

__all__ = [
    "Convention",
    "Factory",
    "RegistryMachine",
    "StreamRegistry",
    "UnreadableError",
    "assert_conforms",
    "chunks",
    "ops",
    "own_vectors",
    "programs",
    "small_limits",
]

_NEED_HYPOTHESIS: Final = {
    "RegistryMachine": "streamstate.testing.machine",
    "chunks": "streamstate.testing.strategies",
    "ops": "streamstate.testing.strategies",
    "programs": "streamstate.testing.strategies",
    "small_limits": "streamstate.testing.strategies",
}


def __getattr__(name: str) -> object:
    """Import a name that needs Hypothesis when somebody first uses it."""
    if name not in _NEED_HYPOTHESIS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(_NEED_HYPOTHESIS[name])
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "hypothesis":
            raise
        raise ModuleNotFoundError(
            f"streamstate.testing.{name} needs hypothesis: pip install 'streamstate[testing]'",
            name="hypothesis",
        ) from None
    found: object = getattr(module, name)
    return found
