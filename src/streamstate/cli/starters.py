"""The adapters that `streamstate adapter` prints, and a small registry that each calls as is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

_FILES: Final = {
    "javascript": "javascript.mjs",
    "typescript": "typescript.mts",
    "python": "python.txt",  # no module of this package
    "go": "go.go",
    "rust": "rust.rs",
    "java": "java.java",
}

LANGUAGES: Final = tuple(_FILES)

_REGISTRIES: Final = {
    "javascript": "javascript/registry.mjs",
    "typescript": "typescript/registry.mts",
    "python": "python/my_registry.py",
    "go": "go/registry.go",
    "rust": "rust/registry.rs",
    "java": "java/Registry.java",
}
"""Where the small registries are in `tests/implementations`; a wheel has them beside the
adapters."""

_IN_A_CHECKOUT: Final = Path(__file__).parents[3] / "tests" / "implementations"

_ALSO: Final = {
    "js": "javascript",
    "node": "javascript",
    "ts": "typescript",
    "py": "python",
    "golang": "go",
    "rs": "rust",
}


def language_of(name: str) -> str | None:
    """The one of `LANGUAGES` with that name, which may be short and in any case; None for
    another."""
    lowered = name.lower()
    full = _ALSO.get(lowered, lowered)
    return full if full in _FILES else None


def starter(language: str) -> str:
    """The text of the adapter for one of `LANGUAGES`. Raises `KeyError` for another."""
    return files("streamstate").joinpath("adapters", _FILES[language]).read_text(encoding="utf-8")


def small_registry(language: str) -> str:
    """The text of a small registry in one of `LANGUAGES`, which the starter calls as it is.

    Raises `KeyError` for another language, and `FileNotFoundError` if neither a wheel nor a
    checkout brought the file.
    """
    of_a_checkout = _IN_A_CHECKOUT / _REGISTRIES[language]
    if of_a_checkout.is_file():
        return of_a_checkout.read_text(encoding="utf-8")
    of_a_wheel = files("streamstate").joinpath("adapters", "registries", _FILES[language])
    return of_a_wheel.read_text(encoding="utf-8")
