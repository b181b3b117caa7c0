"""Builds made as an installer makes them: compiled, pure, where compiling fails, and broken."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree, ignore_patterns
from zipfile import ZipFile

import pytest

from streamstate import __version__
from streamstate.registry.builds import FOLDER, PURE, SHARED, SUFFIX
from tests.installed import COMMANDS, complaints

pytestmark = [pytest.mark.thorough, pytest.mark.needs_compiler]

ROOT = Path(__file__).parents[1]
PLAIN = {name: value for name, value in os.environ.items() if name not in {PURE, "CC"}}
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
ALONE = ("--no-build-isolation", "--no-deps")
SHOW = "from streamstate.registry import build, outside; print(build()); print(outside.__file__)"


@pytest.fixture(name="checkout", scope="module")
def _checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is in a fresh clone."""
    folder = tmp_path_factory.mktemp("project") / "streamstate"
    unwanted = (".*", "__pycache__", FOLDER, "node_modules", "_build")
    copytree(ROOT, folder, ignore=ignore_patterns(*unwanted))
    return folder


def wheel(checkout: Path, into: Path, **environment: str) -> tuple[Path, str]:
    """A wheel of the project, and what was said as it was built."""
    command = (*PIP, "wheel", "-v", *ALONE, "-w", str(into), str(checkout))
    run = subprocess.run(
        command,
        env={**PLAIN, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    (built,) = into.glob("*.whl")
    return built, run.stdout


@pytest.fixture(name="quick", scope="module")
def _quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which the compiler optimises nothing: half the time of these tests."""
    compiler = sysconfig.get_config_var("CC")
    if os.name == "nt":
        return {}
    script = tmp_path_factory.mktemp("compiler") / "cc"
    script.write_text(f'#!/bin/sh\nexec {compiler} "$@" -O0\n')
    script.chmod(0o755)
    return {"CC": str(script)}


@pytest.fixture(name="compiled", scope="module")
def _compiled(
    checkout: Path, quick: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The wheel that is built of the source distribution, as an installer has to."""
    script = "from hatchling.build import build_sdist; import sys; print(build_sdist(sys.argv[1]))"
    folder = tmp_path_factory.mktemp("compiled")
    command = (sys.executable, "-c", script, str(folder))
    subprocess.run(command, cwd=checkout, env=PLAIN, check=True, capture_output=True)
    (sources,) = folder.glob("*.tar.gz")
    return wheel(sources, folder / "wheels", **quick)[0]


@contextmanager
def installed(built: Path, into: Path) -> Iterator[dict[str, str]]:
    """The environment in which that wheel is what is imported."""
    subprocess.run((*PIP, "install", "-q", "--no-deps", "--target", into, built), check=True)
    yield {**PLAIN, "PYTHONPATH": str(into)}


def shown(environment: dict[str, str], folder: Path) -> list[str]:
    """What the registry says of itself, and from where it runs."""
    run = subprocess.run(
        (sys.executable, "-c", SHOW),
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.splitlines()


def names(built: Path) -> set[str]:
    with ZipFile(built) as archive:
        return {Path(name).name for name in archive.namelist()}


def test_a_wheel_of_the_source_distribution_runs_compiled_or_not_as_asked(
    compiled: Path, tmp_path: Path
) -> None:
    assert not compiled.name.endswith("-none-any.whl")
    assert {SHARED + SUFFIX, "outside.py", "outside.pxd"} <= names(compiled)
    with installed(compiled, tmp_path) as environment:
        said, home = shown(environment, tmp_path)
        assert said == "compiled"
        assert home == str(tmp_path / "streamstate/registry" / FOLDER / (SHARED + SUFFIX))
        said, home = shown({**environment, PURE: "1"}, tmp_path)
        assert said == f"pure Python: {PURE} is set"
        assert home == str(tmp_path / "streamstate/registry/outside.py")


@pytest.fixture(name="venv", scope="module")
def _venv(compiled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with that wheel, which borrows from this one what it needs."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", folder), check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = (*PIP, "--python", python, "install", "-q", "--no-deps", compiled)
    subprocess.run(install, check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    home = subprocess.run((python, "-c", where), capture_output=True, text=True, check=True)
    borrowed = Path(home.stdout.strip(), "borrowed.pth")
    borrowed.write_text(sysconfig.get_path("purelib"))  # comes after its own
    return folder


def test_a_wheel_is_installed_whole_and_works_outside_of_the_checkout(venv: Path) -> None:
    assert list(complaints(venv)) == []


def test_what_an_install_lacks_is_named(venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.installed.COMMANDS", COMMANDS[2:3])
    (page,) = venv.glob("[Ll]ib/**/streamstate/semantics.md")
    aside = page.rename(page.with_suffix(".aside"))
    missing, wrong = complaints(venv)
    aside.rename(page)
    assert missing == "semantics.md is missing"
    assert wrong.startswith("streamstate rule DELETE_3: expected status 0")


def test_sources_that_are_edited_in_place_run_as_they_are(compiled: Path, tmp_path: Path) -> None:
    with installed(compiled, tmp_path) as environment:
        source = tmp_path / "streamstate/registry/outside.py"
        source.write_text(source.read_text().replace("None", "None ", 1))
        said, home = shown(environment, tmp_path)
    assert said == "pure Python: the sources have changed since they were compiled"
    assert home == str(source)


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({PURE: "1"}, f"{PURE} is set"),
        ({"CC": "/bin/false"}, "compiling failed"),
        ({"CC": "/bin/there-is-none"}, "there is no C compiler"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_not_compiled_is_a_pure_wheel_and_says_why(
    checkout: Path, tmp_path: Path, environment: dict[str, str], reason: str
) -> None:
    built, said = wheel(checkout, tmp_path / "wheels", **environment)
    assert built.name.endswith("-py3-none-any.whl")
    (line,) = [line for line in said.splitlines() if "pure Python" in line]
    assert f"streamstate is built as pure Python: {reason}" in line
    assert not any(SUFFIX in name for name in names(built))
    with installed(built, tmp_path / "installed") as there:
        assert shown(there, tmp_path)[0] == "pure Python: not compiled for this interpreter"


def test_a_fault_in_what_is_compiled_is_caught(
    checkout: Path, quick: dict[str, str], tmp_path: Path
) -> None:
    broken = tmp_path / "streamstate"
    copytree(checkout, broken)
    source = broken / "src/streamstate/registry/outside.py"
    right = "elif here() != self.thread:"
    assert right in source.read_text()
    source.write_text(source.read_text().replace(right, "elif False:"))
    with installed(
        wheel(broken, tmp_path / "wheels", **quick)[0], tmp_path / "there"
    ) as environment:
        run = subprocess.run(
            (sys.executable, "-m", "pytest", "tests/registry/test_affinity.py"),
            env=environment,
            cwd=broken,
            capture_output=True,
            text=True,
            check=False,
        )
    assert f"streamstate {__version__}, compiled" in run.stdout
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
