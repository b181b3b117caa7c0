"""Adapters that a compiler makes, in the folder of their sources.

`python -m tests.oracle.foreign_builds` names the packages with crates that this machine lacks.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Final

from streamstate.cli.starters import starter
from tests.oracle.starters import CRATES, go

CRATES_NEEDED: Final = tuple(
    f"librust-{each}-dev"
    for each in ("async-channel", "data-encoding", "flume", "futures", "serde-json", "tokio")
)


def crates_are_there() -> bool:
    """Whether cargo is there, and Debian's crates."""
    return which("cargo") is not None and not crates_lacking()


def crates_lacking() -> list[str]:
    """The packages with crates that are not there."""
    return [each for each in CRATES_NEEDED if not any(CRATES.glob(_folders_of(each)))]


def _folders_of(package: str) -> str:
    crate = package.removeprefix("librust-").removesuffix("-dev").replace("serde-", "serde_")
    return f"{crate}-[0-9]*"


def built_by_cargo(source: Path) -> tuple[str]:
    """What cargo makes of it, with Debian's crates and nothing from elsewhere."""
    folder = source.parent.parent.parent
    debian = f'source.debian.directory="{CRATES}"'
    instead = 'source.crates-io.replace-with="debian"'
    _run(folder, "cargo", "build", "--offline", "--quiet", "--config", debian, "--config", instead)
    return (str(folder / "target" / "debug" / source.stem),)


def built_by_go(source: Path) -> str:
    """The test binary that Go makes of its folder."""
    _run(source.parent, go() or "go", "test", "-c", "-o", "adapter", ".")
    return str(source.parent / "adapter")


def built_by_java(source: Path) -> tuple[str, ...]:
    """What javac makes of it and of the starter, which says then whose queue it is."""
    limits = 'Map.of("high_water_mark", (1L << 53) - 1, "max_queue_chunks", 16)'
    who = f'"{source.parent.name}", "version", System.getProperty("java.version")'
    adapter, times = re.subn(
        r'List\.of\(.*\),(\n.*)"Registry", "version", "1"',
        rf'List.of(), "limits", {limits},\g<1>{who}',
        starter("java"),
    )
    assert times == 1
    out = source.parent / "out"
    out.mkdir(exist_ok=True)
    (out / "Adapter.java").write_text(adapter, encoding="utf-8")
    _run(source.parent, "javac", "-d", str(out), str(out / "Adapter.java"), str(source))
    return ("java", "-cp", str(out), "Adapter")


def dotnet_is_there() -> bool:
    """Whether a compiler for C# is there, and .NET, which `dotnetcore2` brings."""
    return which("mcs") is not None and find_spec("dotnetcore2") is not None


def built_by_mcs(source: Path) -> tuple[str, str]:
    """What mcs makes of its folder for the .NET that is there, which is newer than its own."""
    spec = find_spec("dotnetcore2")
    assert spec is not None
    assert spec.origin is not None
    bin_ = Path(spec.origin).parent / "bin"
    [framework] = (bin_ / "shared" / "Microsoft.NETCore.App").iterdir()
    program = source.parent / "out" / f"{source.stem}.dll"
    program.parent.mkdir(exist_ok=True)
    alone = {"System.Globalization.Invariant": True}  # needs no library of the system
    runs_on = {"name": framework.parent.name, "version": framework.name}
    options = {"runtimeOptions": {"framework": runs_on, "configProperties": alone}}
    program.with_suffix(".runtimeconfig.json").write_text(json.dumps(options), encoding="utf-8")
    known = (f"-r:{each}" for each in sorted(framework.glob("System*.dll")))
    sources = map(str, sorted(source.parent.glob("*.cs")))
    _run(source.parent, "mcs", "-nostdlib", "-noconfig", *known, f"-out:{program}", *sources)
    return str(bin_ / "dotnet"), str(program)


@cache
def _run(folder: Path, *command: str) -> None:
    alone = {**os.environ, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    subprocess.run(command, cwd=folder, env=alone, check=True, capture_output=True)


if __name__ == "__main__":
    for package in crates_lacking():
        print(package)
