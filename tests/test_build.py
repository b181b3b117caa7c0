"""Which build of the registry runs, and that it is never one that does not fit."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import streamstate.isolate
import streamstate.registry
from streamstate.registry import Build, build, builds
from streamstate.registry.builds import (
    ELSEWHERE,
    FOLDER,
    GUESTS,
    MANIFEST,
    PURE,
    SHARED,
    SUFFIX,
    look,
    manifest,
)

ROOT = Path(__file__).parents[1]
OTHER = ".cpython-39-of-another-machine.so"


@pytest.fixture(name="package")
def _package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that looks as if its one module had been compiled for this interpreter."""
    monkeypatch.delenv(PURE, raising=False)
    folder = tmp_path / "looks_compiled"
    (folder / FOLDER).mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "from streamstate.registry.builds import choose\nBUILD = choose(__name__, __path__[0])\n"
    )
    (folder / "module.py").write_text("RUNS = 'source'\n")
    (folder / "module.pxd").write_text("")
    (folder / FOLDER / (SHARED + SUFFIX)).write_bytes(b"no shared object")
    (folder / FOLDER / MANIFEST).write_bytes(manifest(str(folder)))
    return folder


def test_sources_that_did_not_change_run_compiled(package: Path) -> None:
    assert look(str(package)) is Build.COMPILED
    os.utime(package / "module.py", (0, 0))
    assert look(str(package)) is Build.COMPILED


@pytest.mark.parametrize("edited", ["module.py", "module.pxd", "new.pxd", "module.pyx"])
def test_sources_that_changed_do_not(package: Path, edited: str) -> None:
    with (package / edited).open("a") as file:
        file.write("# as of now\n")
    (package / "new.py").touch()
    assert look(str(package)) is Build.CHANGED


def test_a_source_that_is_kept_elsewhere_counts_too(package: Path) -> None:
    elsewhere = package / ELSEWHERE["level"]
    elsewhere.parent.mkdir()
    for source in (elsewhere, package / "level.py", package / "level.pxd"):
        source.touch()
    (package / FOLDER / MANIFEST).write_bytes(manifest(str(package)))
    assert look(str(package)) is Build.COMPILED
    elsewhere.write_text("# as of now\n")
    assert look(str(package)) is Build.CHANGED
    elsewhere.unlink()
    assert look(str(package)) is Build.ABSENT


def test_the_sources_of_guests_count_too(package: Path) -> None:
    guests = package / GUESTS
    guests.mkdir()
    (guests / "table.py").touch()
    assert look(str(package)) is Build.COMPILED
    (guests / "table.pxd").touch()
    assert look(str(package)) is Build.CHANGED
    (package / FOLDER / MANIFEST).write_bytes(manifest(str(package)))
    assert look(str(package)) is Build.COMPILED
    (guests / "table.py").write_text("# as of now\n")
    assert look(str(package)) is Build.CHANGED


def test_a_shared_object_for_another_interpreter_is_not_taken(package: Path) -> None:
    (package / FOLDER / (SHARED + SUFFIX)).rename(package / FOLDER / (SHARED + OTHER))
    assert look(str(package)) is Build.ABSENT
    (package / FOLDER / MANIFEST).rename(package / FOLDER / f"built-from{OTHER}.txt")
    assert look(str(package)) is Build.ABSENT


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("", Build.COMPILED),
        ("0", Build.COMPILED),
        ("1", Build.ASKED_FOR),
        ("yes", Build.ASKED_FOR),
    ],
)
def test_pure_python_can_be_asked_for(
    package: Path, monkeypatch: pytest.MonkeyPatch, value: str, found: Build
) -> None:
    monkeypatch.setenv(PURE, value)
    assert look(str(package)) is found


def test_a_shared_object_that_cannot_be_loaded_is_passed_over(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(package.parent)
    imported = import_module(package.name)
    assert imported.BUILD is Build.UNFIT
    assert import_module(f"{package.name}.module").RUNS == "source"
    assert not [each for each in sys.meta_path if isinstance(each, builds.InSharedObject)]
    for name in (package.name, f"{package.name}.module"):
        del sys.modules[name]


def compiled_modules(package: ModuleType) -> list[ModuleType]:
    names = builds.compiled_modules(package.__path__[0])
    return [import_module(f"{package.__name__}.{name}") for name in names]


@pytest.mark.parametrize("package", [streamstate.registry, streamstate.isolate])
def test_what_runs_is_what_it_says(package: ModuleType) -> None:
    kind = SUFFIX if build() is Build.COMPILED else ".py"
    assert compiled_modules(package)
    for module in compiled_modules(package):
        assert str(module.__file__).endswith(kind)


def test_from_3_12_on_the_interpreter_runs_the_coroutines_that_only_wait() -> None:
    waiting = import_module("streamstate.registry.waiting")
    in_c = build() is Build.COMPILED and sys.version_info < (3, 12)
    assert str(waiting.__file__).endswith(SUFFIX if in_c else ".py")


def version(**environment: str) -> str:
    return subprocess.run(
        (sys.executable, "-m", "streamstate", "--version"),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_version_says_which_build_runs() -> None:
    here = f"CPython {sys.version_info[0]}.{sys.version_info[1]}"
    shown = f"compiled, {here}" if build() is Build.COMPILED else str(build())
    assert version().startswith(f"streamstate {streamstate.__version__} ({shown})\n")
    assert f"(pure Python: {PURE} is set)\n" in version(**{PURE: "1"})


IMPORTED_AGAIN = """
import sys
from importlib import reload
import streamstate.registry
build = streamstate.registry.build()
for name in [name for name in sys.modules if name.startswith("streamstate")]:
    del sys.modules[name]
from streamstate import PLAN_01, Chunk, StreamStateRegistry
registry = StreamStateRegistry(PLAN_01)
stream = registry.create()
registry.push(stream, b"a")
try:
    registry.pull(stream).send(None)
except StopIteration as end:
    assert end.value == Chunk(b"a")
assert str(streamstate.registry.build()) == str(build)  # who has it still has what it had
again = sys.modules["streamstate.registry"]
print(again.build().name)
print(reload(again).build().name)
"""


def test_a_package_that_is_imported_again_has_nothing_of_the_one_before() -> None:
    printed = subprocess.run(
        (sys.executable, "-c", IMPORTED_AGAIN), capture_output=True, text=True, check=True
    ).stdout
    assert printed.split() == 2 * ["UNFIT" if build() is Build.COMPILED else build().name]


def test_the_page_has_every_build() -> None:
    page = (ROOT / "docs/how-to/build-and-release.md").read_text("utf-8")
    assert [each for each in Build if f"({each}" not in page] == []
