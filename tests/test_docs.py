"""What README and docs show is what happens: examples run, links lead on, verdicts are real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from streamstate.model import NAMED
from streamstate.model.hazards import hazards

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("spec/*.md")])
EXAMPLES = [
    pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL), 1
    )
]
VERDICT = re.compile(r"<!-- verdict: (\w+) -->\n```text\n(.*?)```", re.DOTALL)
JAVASCRIPT = Path("tests/implementations/javascript")


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_runs_and_prints_what_it_says(
    example: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(example, "<example>", "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out.splitlines()
    said = re.findall(r"print\(.*?\)\s+# (.*)", example)
    assert printed == [part for line in said for part in re.split(r",? then ", line)]


@pytest.mark.parametrize("name", NAMED)
def test_every_hazard_of_a_dialect_is_named_for_services(name: str) -> None:
    page = (ROOT / "docs" / "how-to" / "use-it-in-a-service.md").read_text()
    rows = re.findall(r"^\| (.+?) \| \*([\w-]+)\*: .+ \|$", page, re.MULTILINE)
    told = [hazard for where, hazard in rows if f"`{name}`" in where or where == "all four"]
    assert sorted(told) == sorted(hazard.name for hazard in hazards(NAMED[name]))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.thorough  # it takes the whole plan
@pytest.mark.needs_node
def test_verdict_in_the_readme_is_real(node: Path) -> None:
    found = VERDICT.search((ROOT / "README.md").read_text())
    assert found is not None
    fault, shown = found.groups()
    adapter = (str(node), str(JAVASCRIPT / "variant.mjs"), "--fault", fault)
    command = (sys.executable, "-m", "streamstate", "check", "--", *adapter)
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 1
    for part in shown.strip().split("…"):
        assert part.strip() in run.stdout
