"""Each version is said in one place; where it has to stand again, it is the same."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest

from streamstate import __version__
from streamstate.cli.starters import LANGUAGES, starter
from streamstate.histories.form import HISTORY
from streamstate.oracle.reports.as_json import FORMAT
from streamstate.semantics import SPECIFICATION
from streamstate.wire import PROTOCOL
from streamstate.wire.recorded import RECORDING

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = sorted((ROOT / "src").rglob("*.py"))


def consts(schema: str, key: str) -> set[Any]:
    """What a schema in `spec` wants wherever it has that key."""
    found: set[Any] = set()
    due: list[Any] = [json.loads((ROOT / "spec" / schema).read_text(encoding="utf-8"))]
    while due:
        match due.pop():
            case dict(inner):
                wanted = inner.get(key)
                if isinstance(wanted, dict) and "const" in wanted:
                    found.add(wanted["const"])
                due += inner.values()
            case list(inner):
                due += inner
            case _:
                pass
    return found


def test_the_package_has_its_version_from_the_sources() -> None:
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in metadata["project"]
    assert metadata["project"]["dynamic"] == ["version", "urls"]
    (where,) = (ROOT / metadata["tool"]["hatch"]["version"]["path"],)
    assert [path for path in SOURCES if f'"{__version__}"' in path.read_text("utf-8")] == [where]
    assert version("streamstate") == __version__


def test_schemas_want_the_versions_that_are_written() -> None:
    assert consts("protocol.schema.json", "protocol") == {PROTOCOL}
    assert consts("protocol.schema.json", "recording") == {RECORDING}
    assert consts("report.schema.json", "report") == {FORMAT}


def test_pages_say_the_versions_that_are_written() -> None:
    said = {
        page: (ROOT / page).read_text(encoding="utf-8")
        for page in ("spec/semantics.md", "spec/protocol.md", "docs/reference/histories.md")
    }
    assert re.search(rf"\b[Vv]ersion {SPECIFICATION}\b", said["spec/semantics.md"])
    assert f'"protocol":{PROTOCOL}' in said["spec/protocol.md"]
    assert f'"recording":{RECORDING}' in said["spec/protocol.md"]
    assert f"| `history` | {HISTORY}, the version" in said["docs/reference/histories.md"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_starters_speak_the_protocol(language: str) -> None:
    said = re.search(r'\bprotocol"?\s*[:,]\s*(\d+)', starter(language))
    assert said is not None
    assert int(said[1]) == PROTOCOL
