"""The stages of `.ci/run` on a clean checkout: what is installed before it is used, what runs
compiled, what a failure stops. Every tool is played by one that writes down what it is asked."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, copytree
from typing import Final

import pytest

from tests.test_ci import ROOT, stages

pytestmark = pytest.mark.thorough

PLAYED: Final = """\
#!/bin/bash
name=$(basename "$0")
home=$(dirname "$(dirname "$0")")
said="$(basename "$home")/$name $*"
printf '%s [%s]\\n' "$said" "${STREAMSTATE_PURE-}" >>"$CALLS"
[[ $said != *"${FAILS:-nothing at all}"* ]] || exit 1
case "$name $1 $2" in
  python*" -m venv")
    mkdir -p "$3/bin"
    for tool in python pip streamstate ruff check-jsonschema zizmor shellcheck mypy; do
      ln -sf "$PLAYER" "$3/bin/$tool"
    done
    ;;
  python3.1*" -c import sys"*) printf '%s' "${name#python}" ;;
  streamstate" --version "*) printf '(compiled, as it were)\\n' ;;
esac
"""
"""Plays any tool, and makes environments full of such."""

TOOLS: Final = ("python3", "python3.12", "python3.13", "apt-get", "sudo", "coqc", "ocamlfind")
ALSO: Final = ("chromium", "git")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout in which nothing was installed, beside the tools of the system."""

    folder: Path
    tools: Path

    def run(self, *stages: str, fails: str = "") -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.tools}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "CALLS": str(self.tools.parent / "calls"),
            "PLAYER": str(self.tools / "python3"),
            "PYENV_ROOT": str(self.tools / "none"),
            "FAILS": fails or "nothing at all",
        }
        return subprocess.run(
            (self.folder / ".ci" / "run", *stages),
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @property
    def calls(self) -> list[str]:
        """What was called, by folder and name, with what was asked and [STREAMSTATE_PURE]."""
        return (self.tools.parent / "calls").read_text(encoding="utf-8").splitlines()

    def place(self, begun: str) -> int:
        """The first call that begins so."""
        return next(place for place, call in enumerate(self.calls) if call.startswith(begun))


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Checkout:
    folder, tools = tmp_path / "checkout", tmp_path / "system" / "bin"
    copytree(ROOT / ".ci", folder / ".ci")
    copyfile(ROOT / "README.md", folder / "README.md")
    tools.mkdir(parents=True)
    (folder / "spec").mkdir()
    for kind in ("node", "isolated_vm"):
        (folder / "tests" / "implementations" / kind).mkdir(parents=True)
    for path in (*(tools / name for name in (*TOOLS, *ALSO)), folder / "spec" / "check"):
        path.write_text(PLAYED, encoding="utf-8")
        path.chmod(0o755)
    return Checkout(folder, tools)


@pytest.mark.parametrize("stage", stages())
def test_a_stage_alone_installs_what_it_uses(stage: str, checkout: Checkout) -> None:
    done = checkout.run(stage)
    assert done.returncode == 0, done.stderr
    used = {call.partition("/")[0] for call in checkout.calls}
    for venv in (each for each in used if each.startswith(".venv")):
        asked = [call for call in checkout.calls if call.startswith(f"{venv}/")]
        assert asked[0].startswith(f"{venv}/pip install"), asked[0]


def test_all_of_them_run_in_order_and_the_environment_is_made_once(checkout: Checkout) -> None:
    done = checkout.run()
    assert done.returncode == 0, done.stderr
    marks = (
        *(".venv/ruff check", ".venv/mypy", ".venv/python -m pytest -q -n 2 [1]"),
        *(".venv/streamstate check", ".venv/python -m tests.website [1]"),
        *(".venv/python -m pytest -q -n 2 -m thorough [1]", "./check", ".venv/python -m tests.cr"),
        ".venv-3.12/python -m pytest",
    )
    places = [checkout.place(mark) for mark in marks]
    assert places == sorted(places)
    assert sum(call.startswith(".venv/pip install -q -e .[dev]") for call in checkout.calls) == 1


def test_only_what_is_meant_to_runs_compiled(checkout: Checkout) -> None:
    checkout.run("tests", "compiled", "later-pythons")
    compiled = {call.removesuffix(" []") for call in checkout.calls if call.endswith(" []")}
    of_the_registry = "python -m pytest -q -n 2 tests/test_build.py tests/registry"
    assert f".venv/{of_the_registry} tests/agreement tests/testing" in compiled
    assert f".venv-3.13/{of_the_registry}" in compiled
    assert ".venv-3.13/pip install -q -e .[own-tests]" in compiled
    assert ".venv/python -m pytest -q -n 2 [1]" in checkout.calls


def test_what_fails_stops_all_that_would_come_after(checkout: Checkout) -> None:
    done = checkout.run(fails="mypy")
    assert done.returncode == 1
    assert not any("pytest" in call for call in checkout.calls)


def test_an_environment_that_cannot_be_made_is_said(checkout: Checkout) -> None:
    done = checkout.run("later-pythons", fails=".venv-3.13/pip")
    assert done.returncode == 1
    assert "not all environments could be made: python3.12 python3.13" in done.stdout
    assert not any("pytest" in call for call in checkout.calls)
