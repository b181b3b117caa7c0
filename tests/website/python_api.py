"""The page on the Python API: every public name, from its docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from inspect import cleandoc, isfunction
from itertools import pairwise
from types import ModuleType
from typing import Final

from tests.website.links import ROOT

MODULES: Final[Mapping[str, str]] = {
    "streamstate": "The registry, to use as it is.",
    "streamstate.pump": "Files, sockets, bodies and generators in and out of streams.",
    "streamstate.registry": "The parts of the registry: scopes, pulls, the way in for threads.",
    "streamstate.recording": "Writes down what a registry in a service does, to be checked.",
    "streamstate.isolate": "JavaScript guests, each in an engine of its own.",
    "streamstate.model": "The pure model, which says what every op means.",
    "streamstate.testing": "`assert_conforms`, a pytest plugin, and a Hypothesis state machine.",
    "streamstate.oracle": "The conformance oracle, as a library.",
    "streamstate.histories": "Concurrent histories: written down, read, checked, drawn.",
    "streamstate.telemetry": "What a registry holds, as metrics of OpenTelemetry.",
    "streamstate.wire": "The wire protocol: JSON to ops and back.",
}
"""The public modules, and what each is for."""


def exported(module: ModuleType) -> list[str]:
    """What a module says it exports, or what it defines without an underscore."""
    said: list[str] | None = getattr(module, "__all__", None)
    if said is not None:
        return [name for name in said if name != "__version__"]
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]


def public_names() -> Iterator[str]:
    """Every public name, once, in the first module that has it."""
    had: set[tuple[str, int]] = set()
    for name in MODULES:
        module = import_module(name)
        for exports in exported(module):
            this = (exports, id(getattr(module, exports)))
            if this not in had:
                yield f"{name}.{exports}"
            had.add(this)


def python_api_page() -> str:
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# Python API"
    yield ""
    yield "Which names are stable: [what stays as it is](../contributing.md#what-stays-as-it-is)."
    names = list(public_names())
    for module, what in MODULES.items():
        yield from ("", f"## {module}", "", what, "", "```{eval-rst}")
        for name in names:
            home, _, _exports = name.rpartition(".")
            if home == module:
                yield from _directive(name)
        yield "```"


def _directive(name: str) -> Iterator[str]:
    module, _, exports = name.rpartition(".")
    value = getattr(import_module(module), exports)
    if isinstance(value, type):
        yield from (f".. autoclass:: {name}", "   :members:", "   :undoc-members:", "")
    elif isfunction(value):
        yield from (f".. autofunction:: {name}", "")
    else:
        lines = _said_of_constants().get(exports, "").splitlines()
        as_restructured_text(None, "", "", None, None, lines)
        yield from (f".. py:data:: {name}", "", *(f"   {line}" for line in lines), "")


@cache
def _said_of_constants() -> dict[str, str]:
    """The docstring of each constant and type alias: it stands under the assignment."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "src" / "streamstate").rglob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        for assignment, after in pairwise(body):
            match assignment, after:
                case (
                    ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)),
                    ast.Expr(ast.Constant(str(said))),
                ):
                    found.setdefault(name, cleandoc(said))
                case _:
                    pass
    return found


def undocumented() -> Iterator[str]:
    """The public names that nothing is said of."""
    for name in public_names():
        module, _, exports = name.rpartition(".")
        value = getattr(import_module(module), exports)
        own = isinstance(value, type) or isfunction(value)
        if not (value.__doc__ if own else _said_of_constants().get(exports)):
            yield name


def as_restructured_text(
    _app: object, _what: str, _name: str, _value: object, _options: object, lines: list[str]
) -> None:
    """Docstrings are prose with `code`, and examples are indented; in reStructuredText they are
    written otherwise. What Python itself says of the fields of a tuple is left out."""
    shown: list[str] = []
    if lines and lines[0].startswith("Alias for field number"):
        lines.clear()
    for line in lines:
        indented = line.startswith("    ")
        before = shown[-1] if shown else ""
        if indented and not before.strip() and not _in_example(shown):
            shown += ["::", ""]
        shown.append(line if indented else re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", line))
    lines[:] = shown


def _in_example(shown: list[str]) -> bool:
    said = [line for line in shown if line.strip()]
    return bool(said) and (said[-1].startswith("    ") or said[-1] == "::")
