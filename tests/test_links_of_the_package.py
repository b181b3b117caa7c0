"""The links in the package's metadata are made from the one address that the sources say."""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from streamstate.semantics import PUBLISHED

pytestmark = [pytest.mark.thorough, pytest.mark.needs_compiler]  # what builds comes with [dev]

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = Path("src", "streamstate")


def links(folder: Path, address: str) -> dict[str, str]:
    """What the metadata would say if the site were published there."""
    core = import_module("hatchling.metadata.core")
    manager = import_module("hatchling.plugin.manager")
    (folder / SOURCES).mkdir(parents=True)
    for name in ("pyproject.toml", "hatch_metadata.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(ROOT / SOURCES / "__init__.py", folder / SOURCES)
    source = (ROOT / SOURCES / "semantics.py").read_text(encoding="utf-8")
    told = f'PUBLISHED: Final = "{PUBLISHED}"'
    assert source.count(told) == 1
    changed = source.replace(told, f'PUBLISHED: Final = "{address}"')
    (folder / SOURCES / "semantics.py").write_text(changed, encoding="utf-8")
    urls: dict[str, str] = core.ProjectMetadata(str(folder), manager.PluginManager()).core.urls
    return urls


def test_links_lead_to_the_site(tmp_path: Path) -> None:
    assert links(tmp_path, "https://streams.example/docs/reference/rules.html") == {
        "Changelog": "https://streams.example/docs/changelog.html",
        "Documentation": "https://streams.example/docs/",
        "Rules": "https://streams.example/docs/reference/rules.html",
    }


def test_there_are_none_while_it_is_nowhere(tmp_path: Path) -> None:
    assert links(tmp_path, "") == {}


def test_an_address_of_another_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"PUBLISHED in .*semantics.py is 'https://streams.example'"
    ):
        links(tmp_path, "https://streams.example")
