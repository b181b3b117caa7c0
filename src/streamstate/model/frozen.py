"""Frozen dataclasses of which many are made, made cheaply."""

from __future__ import annotations

from dataclasses import MISSING, fields
from types import FunctionType
from typing import TypeVar

_T = TypeVar("_T")


def cheaply_made(kind: type[_T]) -> type[_T]:
    """The frozen dataclass `kind`, with an `__init__` that does the same in a third of the time.

    The one that `dataclass` writes looks `object.__setattr__` up anew for each field; this one has
    it at hand. All else stays: signature, annotations, what is equal, hashed, shown and replaced.
    Raises `TypeError` for a class whose `__init__` does more than store what it is given.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # a dataclass, or it raises
    simple = all(field.init and field.default_factory is MISSING for field in fields(kind))  # type: ignore[arg-type]
    if not simple or hasattr(kind, "__post_init__"):
        raise TypeError(f"the __init__ of {kind.__name__} does more than store what it is given")
    written: FunctionType = vars(kind)["__init__"]
    stored = "".join(f"\n    store_{name}(self, {name})" for name in names)
    scope: dict[str, object] = {f"store_{name}": vars(kind)[name].__set__ for name in names}
    exec(f"def __init__(self, {', '.join(names)}):{stored}", scope)
    made = scope["__init__"]
    assert isinstance(made, FunctionType)
    made.__defaults__, made.__annotations__ = written.__defaults__, written.__annotations__
    made.__qualname__, made.__module__ = written.__qualname__, written.__module__
    setattr(kind, "__init__", made)  # noqa: B010  # type checkers know the one that is written
    return kind
