"""What README and docs show is what happens: examples run, links lead on, verdicts are real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from streamstate.cli.commands import cli
from streamstate.model import NAMED
from streamstate.model.hazards import hazards
from tests.website.examples import Example, complaint, examples

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("spec/*.md")])
EXAMPLES = [pytest.param(example, id=example.name) for example in examples()]
COMMAND = re.compile(
    r"^[ $-]*(?:run: )?(?:\.venv/bin/)?streamstate (.+)$|`streamstate ([^`]+)`", re.MULTILINE
)
VERDICT = re.compile(r"<!-- verdict: (\w+) -->\n```text\n(.*?)```", re.DOTALL)
JAVASCRIPT = Path("tests/implementations/javascript")


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_runs_and_prints_what_it_says(example: Example) -> None:
    assert complaint(example) is None


def test_an_example_that_is_wrong_is_noticed() -> None:
    assert complaint(Example("one", "print(1 + 1)  # 2")) is None
    assert complaint(Example("one", "print(1 + 1)  # 3")) is not None
    assert complaint(Example("one", "print(1 / 0)  # 0")) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_are_there_with_their_options(page: Path) -> None:
    for in_block, in_line in COMMAND.findall(page.read_text(encoding="utf-8")):
        ours = (in_block or in_line).partition(" -- ")[0]
        name, *words = ours.split()
        command = cli.commands.get(name, cli)
        assert command is not cli or not name.isalpha(), ours
        options = {option for each in command.params for option in each.opts}
        used = re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(words))
        assert set(used) <= options | {"--help"}, ours


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
