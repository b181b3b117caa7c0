"""What decides whether a change is sound: the stages of `.ci/run`, and who calls them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
RUN: Final = ROOT / ".ci" / "run"
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def stages() -> list[str]:
    """Those that `.ci/run` has, in its order."""
    listed = re.search(r"^stages=\((.*?)^\)", RUN.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert listed is not None
    return re.findall(r"^  ([a-z-]+)", listed[1], re.MULTILINE)


def test_each_stage_is_a_function() -> None:
    defined = set(re.findall(r"^(\w+)\(\) \{", RUN.read_text(encoding="utf-8"), re.MULTILINE))
    assert {stage.replace("-", "_") for stage in stages()} <= defined
    assert stages()[0] == "style"  # before tests


def test_a_stage_that_is_not_there_is_wrong_usage_and_nothing_runs() -> None:
    done = subprocess.run(
        (RUN, "style", "nonsense"), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"no stage nonsense; expected one of {' '.join(stages())}" in done.stderr


def test_hooks_run_what_the_stage_runs() -> None:
    style = re.search(r"^style\(\) \{(.*?)^\}", RUN.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert style is not None
    hooks = re.findall(r"entry: (\S+)", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    of_the_stage = re.findall(r"\.venv/bin/(?!python)\S+", style[1])
    assert sorted(hooks) == sorted(of_the_stage)


def test_the_hosted_workflow_runs_every_stage_once() -> None:
    said = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    called = re.findall(r"^ *- run: \.ci/run ([a-z-]+)$", said, re.MULTILINE)
    for listed in re.findall(r"^ *stage: \[(.+)\]$", said, re.MULTILINE):
        called += listed.split(", ")
    assert sorted(called) == sorted(stages())


def test_every_action_is_pinned_and_nothing_is_permitted_at_large() -> None:
    for workflow in WORKFLOWS:
        said = workflow.read_text(encoding="utf-8")
        used = re.findall(r"uses: (?!\./)(\S+) #", said)
        assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []
        assert len(used) == len(re.findall(r"uses: (?!\./)", said))
        assert re.search(r"^permissions: \{\}$", said, re.MULTILINE)


def test_the_release_publishes_only_what_was_checked() -> None:
    said = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    publish = said[said.index("  publish:") :]
    assert "needs: [ci, build]" in publish
    assert publish.index("attest-build-provenance@") < publish.index("gh-action-pypi-publish@")
    assert "id-token: write" not in said[: said.index("  publish:")]


@pytest.mark.thorough
@pytest.mark.needs_linters
@pytest.mark.parametrize(
    ("right", "wrong", "hook"),
    [
        ("runs-on: ubuntu-24.04", "runs-at: ubuntu-24.04", "workflows"),
        ("checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8", "checkout@v5", "zizmor"),
        ('.ci/run "$STAGE"', ".ci/run ${{ github.head_ref }}", "zizmor"),
    ],
)
def test_a_mistake_in_a_workflow_is_found(
    right: str, wrong: str, hook: str, tmp_path: Path
) -> None:
    """By the hooks that are run on every commit and in the stage `style`."""
    for part in (".github", ".pre-commit-config.yaml"):
        place = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
        place(ROOT / part, tmp_path / part)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    said = workflow.read_text(encoding="utf-8")
    assert right in said
    subprocess.run(("git", "init", "-q"), cwd=tmp_path, check=True)
    for text, status in ((said, 0), (said.replace(right, wrong), 1)):
        workflow.write_text(text, encoding="utf-8")
        subprocess.run(
            ("git", "add", ".github", ".pre-commit-config.yaml"), cwd=tmp_path, check=True
        )
        done = subprocess.run(
            (Path(sys.prefix, "bin", "pre-commit"), "run", hook, "--all-files"),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout
