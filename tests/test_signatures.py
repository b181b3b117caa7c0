"""The public names and their signatures are those that are written down."""

from __future__ import annotations

from difflib import unified_diff
from enum import Enum

import pytest

from streamstate.model import Chunk
from tests import signatures

pytestmark = pytest.mark.needs_pure  # compiled methods have no annotations


def changes(written: str, found: str) -> str:
    """What of the public names is no longer as it was written down, as a diff."""
    lines = unified_diff(
        written.splitlines(), found.splitlines(), "written down", "in the sources", n=1, lineterm=""
    )
    return "\n".join(lines)


def test_public_names_are_as_written_down() -> None:
    changed = changes(signatures.FILE.read_text(encoding="utf-8"), signatures.listing())
    assert not changed, f"if this is meant, run python -m tests.signatures:\n{changed}"


class _Level(Enum):
    LOW = "low"
    HIGH = "at least so many"


class _Thing:
    __module__ = "streamstate.here"

    def __init__(self, size: int = 1) -> None:
        self.size = size

    @property
    def full(self) -> bool:
        raise NotImplementedError

    async def fill(self, *chunks: bytes, within: float | None = None) -> Chunk:
        raise NotImplementedError


def test_a_class_is_told_with_its_members() -> None:
    assert list(signatures.described("Thing", _Thing)) == [
        "class Thing",
        "  Thing(size: int = 1) -> None",
        "  async def fill(self, *chunks: bytes, within: float | None = None) -> Chunk",
        "  property full: bool",
    ]


def test_an_enum_is_told_with_its_members_and_not_with_its_prose() -> None:
    said = list(signatures.described("Level", _Level))
    assert said == ["class Level(Enum)", "  LOW = 'low'", "  HIGH"]


def test_what_is_renamed_or_taken_away_shows() -> None:
    whole = signatures.listing()
    here = "  def push(self, stream: StreamId, chunk: BytesLike) -> bool"
    assert whole.count(here) == 1
    assert f"-{here}" in changes(whole, whole.replace(here, here.replace("chunk", "data")))
    assert f"-{here}" in changes(whole, whole.replace(f"{here}\n", ""))
