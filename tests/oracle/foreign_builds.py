"""Adapters that a compiler makes, in the folder of their sources."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
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
    files = (each[len("librust-") : -len("-dev")] for each in CRATES_NEEDED)
    known = (CRATES.glob(f"{each.replace('serde-', 'serde_')}-[0-9]*") for each in files)
    return which("cargo") is not None and all(any(each) for each in known)


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


@cache
def _run(folder: Path, *command: str) -> None:
    alone = {**os.environ, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    subprocess.run(command, cwd=folder, env=alone, check=True, capture_output=True)
