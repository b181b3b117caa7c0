"""`python -m tests.website.types`: whether all type checkers know the types of the public names.

Pyright says of each symbol of the package whether it is known, and the same for every checker.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tests.website.links import ROOT
from tests.website.python_api import public_names

_COMMAND: Final = (
    *(str(Path(sys.executable).with_name("pyright")), "--pythonpath", sys.executable),
    *("--ignoreexternal", "--outputjson", "--verifytypes", "streamstate"),
)


def symbols() -> list[dict[str, Any]]:
    """What pyright says of every symbol. Raises `ValueError` where it found none."""
    sources = {**os.environ, "PYTHONPATH": str(ROOT / "src")}  # an editable install has no py.typed
    run = subprocess.run(
        _COMMAND, env=sources, cwd=ROOT, capture_output=True, text=True, check=False
    )
    found: list[dict[str, Any]] = json.loads(run.stdout)["typeCompleteness"]["symbols"]
    if not found:
        raise ValueError(f"pyright found nothing: {run.stdout}{run.stderr}")
    return found


def homes() -> Iterator[str]:
    """Where each public name is defined, and where it is exported."""
    for name in public_names():
        module, _, exports = name.rpartition(".")
        value = getattr(import_module(module), exports)
        yield name
        if hasattr(value, "__qualname__"):
            yield f"{value.__module__}.{value.__qualname__}"


def complaints(said: list[dict[str, Any]]) -> Iterator[str]:
    """The public names, and members of theirs, whose type is not known to all."""
    public = set(homes())
    for symbol in said:
        name: str = symbol["name"]
        if not {name, name.rpartition(".")[0]} & public:
            continue
        if not symbol["isTypeKnown"] or symbol["isTypeAmbiguous"]:
            why = " ".join(each["message"] for each in symbol["diagnostics"])
            yield f"{name}: {why or 'the type of a part of it is not known'}"


if __name__ == "__main__":
    wrong = list(complaints(symbols()))
    print("\n".join(wrong) or "the type of every public name is known")
    sys.exit(1 if wrong else 0)
