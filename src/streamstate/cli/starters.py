"""The adapters that `streamstate adapter` prints."""

from __future__ import annotations

from importlib.resources import files
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

_ALSO: Final = {
    "js": "javascript",
    "node": "javascript",
    "ts": "typescript",
    "py": "python",
    "golang": "go",
    "rs": "rust",
}


def language_of(name: str) -> str | None:
    """The one of `LANGUAGES` that is called that, in short or in any case; None for another."""
    lowered = name.lower()
    full = _ALSO.get(lowered, lowered)
    return full if full in _FILES else None


def starter(language: str) -> str:
    """The text of the adapter for one of `LANGUAGES`. Raises `KeyError` for another."""
    return files("streamstate").joinpath("adapters", _FILES[language]).read_text(encoding="utf-8")
