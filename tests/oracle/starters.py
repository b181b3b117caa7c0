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

HOW_TO: Final = (
    Path(__file__).parents[2] / "docs" / "how-to" / "check-your-implementation.md"
).read_text(encoding="utf-8")
"""Its steps build the Rust adapter, and its ops are put into the starters."""

_BUILDING: Final = 300
_GO: Final = (1, 25)


def _nothing_to_build(_folder: Path) -> None:
    pass


def go() -> str | None:
    """Go, on the path or beside this Python."""
    beside_python = str(Path(sys.executable).parent)
    return which("go", path=os.pathsep.join([os.environ.get("PATH", ""), beside_python]))


@cache
def go_is_there() -> bool:
    found = go()
    if found is None:
        return False
    said = subprocess.run((found, "version"), capture_output=True, text=True, check=True).stdout
    version = re.search(r"go(\d+)\.(\d+)", said)
    return version is not None and tuple(map(int, version.groups())) >= _GO


def cargo_is_there() -> bool:
    crates = ("serde_json-1.*", "data-encoding-2.*")
    return which("cargo") is not None and all(any(CRATES.glob(crate)) for crate in crates)


def _build_go(folder: Path) -> None:
    (folder / "go.mod").write_text("module registry\n\ngo 1.25\n")
    alone = {**os.environ, "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    _run((go() or "go", "test", "-c", "-o", "adapter", "."), folder, alone)


def java_is_there() -> bool:
    return which("javac") is not None


def _build_java(folder: Path) -> None:
    sources = [str(path) for path in folder.glob("*.java")]
    _run(("javac", "-Xlint:all", "-Werror", "-d", str(folder / "out"), *sources), folder)


def _build_rust(folder: Path) -> None:
    """As the how-to says, where there is no network, but for how well the code has to be."""
    if not (folder / "Cargo.toml").exists():
        (config,) = re.findall(r"```toml\n(.*?)```", HOW_TO, re.DOTALL)
        assert str(CRATES) in config
        (folder / ".cargo").mkdir()
        (folder / ".cargo" / "config.toml").write_text(config)
        _run(("cargo", "init", "--quiet", "--vcs", "none", "--name", "my-adapter"), folder)
        _run(_step("cargo add"), folder)
    _run(_step("cargo build"), folder, {**os.environ, "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0"})


def _step(command: str) -> tuple[str, ...]:
    """The one line of the how-to that starts so."""
    (line,) = re.findall(rf"^{command} .*$", HOW_TO, re.MULTILINE)
    return (*line.split(), "--offline", "--quiet")


def _offering_get(text: str, language: str) -> str:
    """A starter with what the how-to says for `get`; as it is where it has that already."""
    found = re.search(rf"\nIn {language}:\n\n```\w+\n(.*?)```", HOW_TO, re.DOTALL | re.IGNORECASE)
    if found is None:
        return text
    lines = text.splitlines(keepends=True)
    (at,) = (number for number, line in enumerate(lines) if 'behind it: "get"' in line)
    lines.insert(at + 1, found.group(1))
    offered, times = re.subn(
        r'(?:capabilities"?: (?:\[\]any\{|\[)|"capabilities",\s+List\.of\()(?=(.))',
        lambda found: f'{found[0]}"get"{"" if found[1] in ")}]" else ", "}',
        "".join(lines),
    )
    assert times == 1
    return offered


def with_limits(text: str, language: str) -> str:
    """A starter with the lines for limits; as it is where it has them already."""
    (section,) = re.findall(r"^### Offer limits\n(.*?)^### ", HOW_TO, re.MULTILINE | re.DOTALL)
    of_each = re.split(r"^(\w+):$", section, flags=re.MULTILINE)
    lines = dict(zip(map(str.lower, of_each[1::2]), of_each[2::2], strict=True))
    return with_diffs(text, lines.get(language, ""))


def with_diffs(text: str, section: str) -> str:
    """A text with the changes that a section of a page shows."""
    for diff in re.findall(r"```diff\n(.*?)```", section, re.DOTALL):
        lines = diff.splitlines()
        old = "\n".join(line[1:] for line in lines if line.startswith("-"))
        new = "\n".join(line[1:] for line in lines if line.startswith("+"))
        text = replaced(text, old, new)
    return text


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def _run(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str] = os.environ
) -> None:
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
    """A starter: where it and its registry go, how they become a command, a line of the registry
    without which close forgets the waiting pull, and what makes a pull on no stream throw."""

    language: str
    adapter: str
    registry: str
    source: Path
    line: str
    throwing: tuple[str, str]
    command: tuple[str, ...]
    build: Callable[[Path], None] = _nothing_to_build
    instead: tuple[str, str] = ("", "")
    """What of the starter is replaced, as its reader would for a registry of another name."""
    limited: tuple[str, str] = ("", "")
    """The same for a registry with limits."""

    def laid_out(self, folder: Path, *, faulty: bool = False) -> tuple[str, ...]:
        """Write both files into `folder`, build them, and say what starts the adapter. The faulty
        one has both faults, and offers `get` and limits."""
        adapter = starter(self.language).replace(*self.instead)
        registry = self.source.read_text(encoding="utf-8")
        if faulty:
            limited = with_limits(adapter, self.language).replace(*self.limited)
            adapter = _offering_get(limited, self.language)
            for right, wrong in ((self.line, ""), self.throwing):
                assert registry.count(right) == 1, right
                registry = registry.replace(right, wrong)
        for name, text in ((self.adapter, adapter), (self.registry, registry)):
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
    throwing=(
        "        if stream is None:\n            pull.set_result(None)\n",
        "        if stream is None:\n            raise Exception('no stream')\n",
    ),
    command=(sys.executable, "{folder}/adapter.py"),
    limited=("import Registry", "import LimitedRegistry as Registry"),
)
ASYNC_PYTHON: Final = Starter(
    language="python",
    adapter="adapter.py",
    registry="my_registry.py",
    source=PYTHON.source,
    line=PYTHON.line,
    throwing=PYTHON.throwing,
    command=PYTHON.command,
    instead=("import Registry", "import AsyncRegistry as Registry"),
)
JAVASCRIPT: Final = Starter(
    language="javascript",
    adapter="adapter.mjs",
    registry="registry.mjs",
    source=IMPLEMENTATIONS / "javascript" / "registry.mjs",
    line="    for (const pull of this.endWaits()) pull.resolve(DONE);\n",
    throwing=("?? Promise.resolve(DONE)", "?? (() => { throw new Error('no stream'); })()"),
    command=("node", "{folder}/adapter.mjs"),
)
TYPESCRIPT: Final = Starter(
    language="typescript",
    adapter="adapter.mts",
    registry="registry.mts",
    source=IMPLEMENTATIONS / "typescript" / "registry.mts",
    line="      stream.taken()?.resolve({ done: true });\n",
    throwing=(
        "    async pull(id) {\n",
        "    pull(id) {\n      if (!streams.has(id)) throw new Error('no stream');\n"
        "      return this.pulled(id);\n    },\n    async pulled(id) {\n",
    ),
    command=("node", "{folder}/adapter.mts"),
)
GO: Final = Starter(
    language="go",
    adapter="adapter_test.go",
    registry="registry.go",
    source=IMPLEMENTATIONS / "go" / "registry.go",
    line="\t\ts.settle(nil, io.EOF)\n",
    throwing=(
        "\tcase s == nil:\n\t\tsettle(nil, io.EOF)\n",
        '\tcase s == nil:\n\t\tpanic("no stream")\n',
    ),
    command=("{folder}/adapter",),
    build=_build_go,
)
RUST: Final = Starter(
    language="rust",
    adapter="src/main.rs",
    registry="src/registry.rs",
    source=IMPLEMENTATIONS / "rust" / "registry.rs",
    line="            stream.settle(Ok(None));\n",
    throwing=("None => return Pull::settled(Ok(None)),", 'None => panic!("no stream"),'),
    command=("{folder}/target/release/my-adapter",),
    build=_build_rust,
)
JAVA: Final = Starter(
    language="java",
    adapter="Adapter.java",
    registry="Registry.java",
    source=IMPLEMENTATIONS / "java" / "Registry.java",
    line="    stream.taken().complete(null);\n",
    throwing=(
        "if (stream == null) return CompletableFuture.completedFuture(null);",
        'if (stream == null) throw new IllegalStateException("no stream");',
    ),
    command=("java", "-cp", "{folder}/out", "Adapter"),
    build=_build_java,
)
