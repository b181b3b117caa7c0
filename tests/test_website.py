"""The site: links lead on, every rule has all that it should, and a build refuses what is wrong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from streamstate.model import OF_MEMORY, Rule
from tests.website import rules, types
from tests.website.__main__ import built
from tests.website.built import looked
from tests.website.links import PAGES, as_on_the_site, targets
from tests.website.navigation import NAVIGATION
from tests.website.pages import put_together
from tests.website.python_api import public_names, undocumented


@pytest.fixture(name="sources", scope="module")
def _sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    put_together(folder)
    return folder


def test_links_between_files_become_links_between_pages() -> None:
    text = "[a](../../spec/semantics.md#pull_1) [b](x.md) [c](#d) [e](../../findings/f.sh)\n"
    code = "```js\n[a](b.md)\n```\n"
    moved = as_on_the_site(text + code, "docs/how-to/here.md", "how-to/here.md")
    assert moved == (
        "[a](../reference/rules.md#pull_1) [b](x.md) [c](#d) [e](../files/findings/f.sh.md)\n"
        + code
    )
    assert targets(text + code, "docs/how-to/here.md") == [
        "spec/semantics.md",
        "docs/how-to/x.md",
        "findings/f.sh",
    ]


def test_every_page_is_in_the_navigation(sources: Path) -> None:
    contents = (sources / PAGES["README.md"]).read_text(encoding="utf-8").partition("{toctree}")[2]
    listed = {f"{page}.md" for page in re.findall(r"^([\w/-]+)$", contents, re.MULTILINE)}
    there = {str(path.relative_to(sources)) for path in sources.rglob("*.md")}
    shown_as_they_are = {page for page in there if page.startswith("files/")}
    assert there - shown_as_they_are - {PAGES["README.md"]} <= listed
    assert {f"{page}.md" for pages in NAVIGATION.values() for page in pages} <= there


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.name)
def test_every_rule_has_its_anchor_theorem_vectors_and_broken_model(
    rule: Rule, sources: Path
) -> None:
    page = (sources / PAGES["spec/semantics.md"]).read_text(encoding="utf-8")
    section = page.partition(f'<span id="{rule.name}"></span>')[2].partition("\n### ")
    text = section[2].partition("\n### ")[0]
    assert text.startswith(f"{rule.name}\n")
    assert set(rules.theorems_on(rule)) <= set(rules.proved())
    assert (f"vectors/{rule.name}.jsonl" in text) is (rule not in OF_MEMORY)
    assert rules.faults_of(rule) or rule in OF_MEMORY
    broken = "[Violated alone by](glossary.md#violated-alone-by)"
    for name in ("In the table", "Dialects", "Vectors", "Proved", broken, "Press it"):
        assert f"| **{name}** | " in text
        assert f"| **{name}** |  |" not in text


def test_theorems_that_are_named_for_rules_are_there() -> None:
    assert {*rules.THEOREMS, rules.OF_EVERY_RULE} <= set(rules.proved())


def test_every_public_name_has_a_docstring() -> None:
    assert len(list(public_names())) > 100
    assert list(undocumented()) == []


def test_a_public_name_of_unknown_type_is_noticed() -> None:
    known = {"isTypeKnown": True, "isTypeAmbiguous": False, "diagnostics": []}
    unknown = {**known, "isTypeKnown": False, "diagnostics": [{"message": "no annotation"}]}
    said = [
        {"name": "streamstate.registry.core.StreamStateRegistry.push", **known},
        {"name": "streamstate.registry.core.StreamStateRegistry.pull", **unknown},
        {"name": "streamstate.registry.core.nobody_sees_this", **unknown},
    ]
    assert list(types.complaints(said)) == [
        "streamstate.registry.core.StreamStateRegistry.pull: no annotation"
    ]


BROKEN = {
    "a page that is not there": "[a](nowhere.md)",
    "an anchor that is not there": "[a](other.md#nowhere)",
    "a page that nothing leads to": None,
}


@pytest.mark.thorough
@pytest.mark.needs_sphinx
@pytest.mark.parametrize("wrong", [None, *BROKEN])
def test_what_leads_nowhere_fails_the_build(wrong: str | None, tmp_path: Path) -> None:
    link = "[a](other.md#there)" if wrong is None else BROKEN[wrong]
    contents = "" if link is None else "\n\n```{toctree}\nother\n```\n"
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "index.md").write_text(f"# One\n\n{link}{contents}")
    (tmp_path / "sources" / "other.md").write_text("# Two\n\n## There\n\nzweieinhalb\n")
    assert built(tmp_path / "sources", tmp_path / "site") == (wrong is None)


@pytest.mark.thorough
@pytest.mark.needs_sphinx
@pytest.mark.needs_chromium
def test_search_needs_no_network(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "index.md").write_text("# One\n\nCANCEL_PULL_8 is said here.\n")
    assert built(tmp_path / "sources", tmp_path / "site")
    page = (tmp_path / "site" / "search.html").as_uri()
    command = (
        *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
        *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=5000"),
        f"{page}?q=CANCEL_PULL_8",
    )
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert 'href="index.html' in run.stdout.partition('id="search-results"')[2]


def test_what_a_page_fetches_from_elsewhere_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<link href="own.css"><a href="https://a.b/c"></a><p id="here"></p>')
    assert looked(page) == ({"", "here"}, [])
    page.write_text('<link rel="stylesheet" href="//fonts.a.b/c"><script src="https://a.b/c.js">')
    assert looked(page)[1] == ["//fonts.a.b/c", "https://a.b/c.js"]
