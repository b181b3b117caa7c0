"""The search of the site: a question in words finds the section that answers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest

from tests.explorer.browser import Browser, browser
from tests.website import sections
from tests.website.__main__ import built
from tests.website.pages import put_together

pytestmark = [pytest.mark.thorough, pytest.mark.needs_sphinx, pytest.mark.needs_chromium]

QUESTIONS: Final[Mapping[str, str]] = {
    "deleted while a chunk is handed": "rules.html#cancel-pull-8",
    "error after close": "#what-does-an-error-do-after-a-close",
    "order of pulls at clear": "#in-which-order-does-clear-reject",
    "is_queue_full unknown stream": "#what-does-is-queue-full-say-of-a-stream",
    "pull cancelled on an errored stream": "rules.html#cancel-pull-5",
    "push returns false": "rules.html#push-1",
    "second pull while one waits": "#a-second-pull-is-called-while-one-waits",
    "pull after delete": "#is-a-pull-told-that-its-stream-was-deleted",
    "is an empty chunk the end": "#is-an-empty-chunk-a-chunk",
    "chunk after the end": "#can-a-chunk-come-after-a-pull-was-told",
    "two pulls wait and a delete comes": "#two-pulls-wait-and-the-stream-is-deleted",
    "push after an error": "#what-does-push-answer-after-an-error",
    "chunk of a cancelled pull while another waits": "#a-pull-is-cancelled-after-it-was-handed",
    "pull on a number never created": "#what-does-a-pull-do-on-a-stream-number",
    "error called twice": "#error-is-called-twice",
    "push to a full queue": "rules.html#push-6",
    "close twice": "rules.html#close-4",
    "clear while pulls wait": "rules.html#clear-2",
    "high water mark": "rules.html#is-queue-full-2",
    "how do I write an adapter": "check-your-implementation.html",
    "isQueueFull for missing stream": "#is-queue-full-1",
    "write after error": "#what-does-push-answer-after-an-error",
    "zero length chunk": "#is-an-empty-chunk-a-chunk",
    "concurrent pulls same stream": "#a-second-pull-is-called-while-one-waits",
    "exit codes": "command-line.html#exit-codes",
    "lost chunk when stream deleted before I read it": "#the-stream-is-deleted-while-a-pull",
    "cancel read on failed stream": "#a-pull-is-cancelled-on-a-stream-that-has-failed",
    "data after end of stream": "#can-a-chunk-come-after-a-pull-was-told",
    "together": "glossary.html#together",
    "lattice": "glossary.html#lattice",
    "burst": "glossary.html#burst",
    "OPEN_FULL": "glossary.html#open-full",
    "UNBLOCK": "glossary.html#unblock",
    "react_did": "glossary.html#react-did",
    "violated alone by": "glossary.html#violated-alone-by",
    "extra states": "glossary.html#extra-states",
    "mutant": "glossary.html#mutant",
    "what is a certificate": "glossary.html#certificate",
    "abstraction": "glossary.html#abstraction",
    "guest": "glossary.html#host-and-guest",
}
"""What somebody might type, and part of the address at which it is answered."""

FOUND: Final = """new Promise((done) => {
  const look = () => {
    const found = [...document.querySelectorAll("#sections a")];
    if (found.length > 0) done(found.map((link) => link.getAttribute("href")));
    else setTimeout(look, 10);
  };
  look();
})"""


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "sources").mkdir()
    put_together(folder / "sources")
    assert built(folder / "sources", folder / "built")
    sections.written(folder / "built")
    return folder / "built"


@pytest.fixture(name="page", scope="module")
def _page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as started:
        yield started


def found(page: Browser, site: Path, question: str) -> list[str]:
    """The addresses of the sections that the search names."""
    page.open(f"{(site / 'search.html').as_uri()}?{urlencode({'q': question})}")
    addresses: list[str] = page.ask(FOUND)
    return addresses


def test_each_question_finds_its_answer_among_the_first_five(page: Browser, site: Path) -> None:
    first = {question: found(page, site, question)[:5] for question in QUESTIONS}
    missed = {
        question: first[question]
        for question, answer in QUESTIONS.items()
        if not any(answer in each for each in first[question])
    }
    assert missed == {}


def test_every_section_that_is_found_is_there(page: Browser, site: Path) -> None:
    for address in found(page, site, "what does a pull do while another waits"):
        name, _, anchor = address.partition("#")
        assert f'id="{anchor}"' in (site / name).read_text(encoding="utf-8")
