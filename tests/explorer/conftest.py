"""One browser for all of these tests, and the page in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streamstate.explorer import explorer_page
from tests.explorer.browser import Browser, browser

VERSION = "1.2.3"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page is."""
    file: Path = tmp_path_factory.mktemp("explorer") / "page.html"
    file.write_text(explorer_page(VERSION), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Browser]:
    """The page as it is opened, in a wide window, which has nothing to complain of."""
    chromium.look(1200, 900, dark=False)
    chromium.open(address)
    yield chromium
    complaints, chromium.complaints[:] = list(chromium.complaints), []
    assert complaints == []
