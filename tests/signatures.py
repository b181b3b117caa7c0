"""`python -m tests.signatures` writes down every public name with its signature.

So a change of the Python API shows in a diff, and is meant.

It is the same on every Python that is supported, and is taken from the registry in pure Python,
since compiled methods have no annotations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cached_property
from importlib import import_module
from inspect import Parameter, Signature, iscoroutinefunction, signature
from pathlib import Path
from textwrap import wrap
from types import FunctionType, UnionType
from typing import Any, Final, ForwardRef, Protocol, Union, get_args, get_origin

from streamstate.model import Dialect
from tests.website.python_api import MODULES, exported

FILE: Final = Path(__file__).with_name("signatures.txt")

_PROTOCOL: Final = frozenset(
    f"__{name}__"
    for name in (
        *("len", "iter", "contains", "getitem", "call", "aiter", "anext", "await"),
        *("enter", "exit", "aenter", "aexit"),
    )
)
"""Methods with underscores that a user calls, by way of syntax."""

_WIDTH: Final = 100


def listing() -> str:
    """All public names, module by module. One that two modules export is told once."""
    lines: list[str] = []
    homes: dict[tuple[str, int], str] = {}
    for module in MODULES:
        lines.append(f"# {module}")
        home = import_module(module)
        for name in sorted(exported(home)):
            value = getattr(home, name)
            first = homes.setdefault((name, id(value)), module)
            told = described(name, value) if first == module else [f"{name}, of {first}"]
            lines += [part for line in told for part in _folded(line)]
        lines.append("")
    return "\n".join(lines)


def _folded(line: str) -> list[str]:
    return wrap(
        line,
        _WIDTH,
        subsequent_indent=" " * 6,
        break_long_words=False,
        break_on_hyphens=False,
    )


def described(name: str, value: Any) -> Iterator[str]:
    """A public name, with what is in it if it is a class."""
    match value:
        case type() if value.__module__ == "builtins":
            yield f"type {name} = {value.__name__}"
        case type():
            yield from _class(name, value)
        case FunctionType():
            yield f"{_kind(value)} {name}{_shown(value)}"
        case _ if get_args(value):
            yield f"type {name} = {_plain(value)}"
        case str() | int() | float() | bytes():
            yield f"{name} = {value!r}"
        case _:
            yield f"{name}: {type(value).__name__}"


def _class(name: str, owner: type) -> Iterator[str]:
    bases = [_base(base) for base in owner.__bases__ if base is not object]
    yield f"class {name}({', '.join(bases)})" if bases else f"class {name}"
    if issubclass(owner, Enum):
        yield from (f"  {member.name}{_of_member(member.value)}" for member in owner)
    elif _is_made_by_users(owner):
        yield f"  {name}{_shown(owner)}"
    if is_dataclass(owner):
        yield from (f"  {field.name}: {_plain(field.type)}" for field in fields(owner))
    for member, (kind, value) in sorted(_members(owner).items()):
        yield f"  {kind} {member}{value}"


def _base(base: type) -> str:
    return "NamedTuple" if base is tuple else base.__name__


def _of_member(value: object) -> str:
    """The value of an enum's member; none where it is a sentence, which can be put better."""
    return "" if isinstance(value, str) and " " in value else f" = {value!r}"


def _is_made_by_users(owner: type) -> bool:
    """Whether its constructor is ours, and no abstract one."""
    ours = (vars(each) for each in owner.__mro__ if _is_ours(each))
    return Protocol not in owner.__bases__ and any(
        "__init__" in each or "__new__" in each for each in ours
    )


def _is_ours(owner: type) -> bool:
    return owner.__module__.startswith("streamstate")


def _members(owner: type) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for base in reversed(owner.__mro__):
        if not _is_ours(base):
            continue
        for name, value in vars(base).items():
            if not name.startswith("_") or name in _PROTOCOL:
                found.update((name, shown) for shown in _member(value))
    return found


def _member(value: object) -> Iterator[tuple[str, str]]:
    """What is a method or a property; fields are in the constructor."""
    match value:
        case property(fget=FunctionType() as get) | cached_property(func=FunctionType() as get):
            yield "property", f": {_plain(signature(get).return_annotation)}"
        case staticmethod(__func__=FunctionType() as method):
            yield "static", _shown(method)
        case classmethod(__func__=FunctionType() as method):
            yield "classmethod", _shown(method)
        case FunctionType():
            yield _kind(value), _shown(value)
        case _:
            pass


def _kind(function: FunctionType) -> str:
    return "async def" if iscoroutinefunction(function) else "def"


class _Text:
    """Shown as it is, where `Signature` would quote it."""

    def __init__(self, text: str) -> None:
        self._text: Final = text

    def __repr__(self) -> str:
        return self._text


def _shown(what: Callable[..., object]) -> str:
    found = signature(what)
    parameters = [_parameter(each) for each in found.parameters.values()]
    returned = found.return_annotation
    if returned is not Signature.empty:
        returned = _Text(_plain(returned))
    return str(found.replace(parameters=parameters, return_annotation=returned))


def _parameter(parameter: Parameter) -> Parameter:
    annotation, default = parameter.annotation, parameter.default
    if annotation is not Parameter.empty:
        annotation = _Text(_plain(annotation))
    if default is not Parameter.empty:
        default = _Text(_default(default))
    return parameter.replace(annotation=annotation, default=default)


def _default(value: object) -> str:
    match value:
        case type() | FunctionType():
            return value.__name__
        case Dialect():
            return str(value)
        case _:
            return repr(value)


def _plain(annotation: object) -> str:
    match annotation:
        case str():
            return annotation
        case ForwardRef():
            return annotation.__forward_arg__
        case type() if not get_args(annotation):
            return annotation.__name__
        case _ if get_origin(annotation) in {Union, UnionType}:
            return " | ".join(sorted(map(_plain, get_args(annotation))))
        case _ if get_origin(annotation) is Callable:
            *taken, returned = get_args(annotation)
            listed = "..." if taken == [...] else f"[{', '.join(map(_plain, *taken))}]"
            return f"Callable[{listed}, {_plain(returned)}]"
        case _:
            return _HOME.sub("", repr(annotation))


_HOME: Final = re.compile(r"\b(?:\w+\.)+(?=\w)")
"""The module before a name, which Pythons say in different ways."""


if __name__ == "__main__":
    FILE.write_text(listing(), encoding="utf-8")
