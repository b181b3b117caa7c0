"""The starters, each beside a small registry in its language, whole or with a fault in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import which
from typing import Final

from streamstate.cli.starters import starter

IMPLEMENTATIONS: Final = Path(__file__).parent.parent / "implementations"
CRATES: Final = Path("/usr/share/cargo/registry")
"""Where Debian puts crates; cargo takes them from there, and nothing from elsewhere."""

_BUILDING: Final = 300
_GO: Final = (1, 25)


def _nothing_to_build(_folder: Path) -> None:
    pass


def _go() -> str | None:
    beside_python = str(Path(sys.executable).parent)
    return which("go", path=os.pathsep.join([os.environ.get("PATH", ""), beside_python]))


@cache
def go_is_there() -> bool:
    go = _go()
    if go is None:
        return False
    said = subprocess.run((go, "version"), capture_output=True, text=True, check=True).stdout
    version = re.search(r"go(\d+)\.(\d+)", said)
    return version is not None and tuple(map(int, version.groups())) >= _GO


def cargo_is_there() -> bool:
    crates = ("serde_json-1.*", "data-encoding-2.*")
    return which("cargo") is not None and all(any(CRATES.glob(crate)) for crate in crates)


def _build_go(folder: Path) -> None:
    (folder / "go.mod").write_text("module registry\n\ngo 1.25\n")
    alone = {**os.environ, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    _run((_go() or "go", "test", "-c", "-o", "adapter", "."), folder, alone)


def _build_rust(folder: Path) -> None:
    package = '[package]\nname = "adapter"\nversion = "0.0.0"\nedition = "2021"\n\n'
    crates = '[dependencies]\ndata-encoding = "2"\nserde_json = "1"\n'
    (folder / "Cargo.toml").write_text(package + crates)
    from_debian = ("source.crates-io.replace-with='debian'", f"source.debian.directory='{CRATES}'")
    configs = [word for setting in from_debian for word in ("--config", setting)]
    _run(("cargo", "build", "--offline", "--quiet", *configs), folder, os.environ)


def _run(command: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_BUILDING,
    )
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True, slots=True)
class Starter:
    """A starter: where it and its registry go, how they become a command, and a line of the
    registry without which close forgets the waiting pull."""

    language: str
    adapter: str
    registry: str
    source: Path
    line: str
    command: tuple[str, ...]
    build: Callable[[Path], None] = _nothing_to_build
    instead: tuple[str, str] = ("", "")
    """What of the starter is replaced, as its reader would for a registry of another name."""

    def laid_out(self, folder: Path, *, faulty: bool = False) -> tuple[str, ...]:
        """Write both files into `folder`, build them, and say what starts the adapter."""
        registry = self.source.read_text(encoding="utf-8")
        assert registry.count(self.line) == 1
        for name, text in (
            (self.adapter, starter(self.language).replace(*self.instead)),
            (self.registry, registry.replace(self.line, "") if faulty else registry),
        ):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self.build(folder)
        program, *rest = self.command
        return (program.format(folder=folder), *(part.format(folder=folder) for part in rest))


PYTHON: Final = Starter(
    language="python",
    adapter="adapter.py",
    registry="my_registry.py",
    source=IMPLEMENTATIONS / "python" / "my_registry.py",
    line="            stream.settle()\n",
    command=(sys.executable, "{folder}/adapter.py"),
)
ASYNC_PYTHON: Final = Starter(
    language="python",
    adapter="adapter.py",
    registry="my_registry.py",
    source=PYTHON.source,
    line=PYTHON.line,
    command=PYTHON.command,
    instead=("import Registry", "import AsyncRegistry as Registry"),
)
JAVASCRIPT: Final = Starter(
    language="javascript",
    adapter="adapter.mjs",
    registry="registry.mjs",
    source=IMPLEMENTATIONS / "javascript" / "registry.mjs",
    line="    for (const pull of this.endWaits()) pull.resolve(DONE);\n",
    command=("node", "{folder}/adapter.mjs"),
)
TYPESCRIPT: Final = Starter(
    language="typescript",
    adapter="adapter.mts",
    registry="registry.mts",
    source=IMPLEMENTATIONS / "typescript" / "registry.mts",
    line="      stream.taken()?.resolve({ done: true });\n",
    command=("node", "{folder}/adapter.mts"),
)
GO: Final = Starter(
    language="go",
    adapter="adapter_test.go",
    registry="registry.go",
    source=IMPLEMENTATIONS / "go" / "registry.go",
    line="\t\ts.settle(nil, io.EOF)\n",
    command=("{folder}/adapter",),
    build=_build_go,
)
RUST: Final = Starter(
    language="rust",
    adapter="src/main.rs",
    registry="src/registry.rs",
    source=IMPLEMENTATIONS / "rust" / "registry.rs",
    line="            stream.settle(Ok(None));\n",
    command=("{folder}/target/debug/adapter",),
    build=_build_rust,
)
