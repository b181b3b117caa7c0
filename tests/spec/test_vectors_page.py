"""The page on the vectors has a runner that works, and what the page says of it is so."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.spec.vectors import DIRECTORY, every, manifest

pytestmark = pytest.mark.needs_node

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "run-the-vectors.md").read_text(encoding="utf-8")
JAVASCRIPT = ROOT / "tests" / "implementations" / "javascript"


def shown(comment: str, language: str) -> tuple[str, str]:
    """What the comment above a block of the page says, and the block."""
    found = re.findall(rf"<!-- ({comment}) -->\n```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) == 1, comment
    comment, block = found[0]
    return comment, block


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's runner, beside the registry in JavaScript."""
    folder = tmp_path_factory.mktemp("runner")
    registry = JAVASCRIPT / "registry.mjs"
    (folder / registry.name).write_bytes(registry.read_bytes())
    file = folder / "run-vectors.mjs"
    file.write_text(shown("run", "js")[1], encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def printed(node: Path, runner: Path) -> dict[str, list[str]]:
    """The lines that it prints, by the fault planted in the registry; "" is none."""
    command = (node, Path(__file__).with_name("plant.mjs"), runner, DIRECTORY)
    run = subprocess.run(command, capture_output=True, check=True)
    lines: dict[str, list[str]] = json.loads(run.stdout)
    return lines


def test_the_runner_runs_as_the_page_says(node: Path, runner: Path) -> None:
    run = subprocess.run((node, runner, DIRECTORY), capture_output=True, text=True, check=True)
    count = json.loads(run.stdout)
    assert count["failed"] == 0
    assert count["passed"] + count["left out"] == manifest()["vectors"]
    assert count["left out"] >= sum("cancel" in vector.needs for vector in every())


def test_it_fails_where_nothing_was_run(node: Path, runner: Path, tmp_path: Path) -> None:
    run = subprocess.run((node, runner, tmp_path), capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert json.loads(run.stdout)["passed"] == 0


def test_it_names_vector_and_op(printed: dict[str, list[str]]) -> None:
    comment, block = shown(r"fault: \w+", "text")
    assert block.strip() in printed[comment.removeprefix("fault: ")]


def test_the_faults_that_it_misses_are_those_on_the_page(printed: dict[str, list[str]]) -> None:
    missed = {fault for fault, lines in printed.items() if json.loads(lines[-1])["failed"] == 0}
    assert missed - {""} == set(shown("missed", "text")[1].split())
    assert len(printed) > 80
