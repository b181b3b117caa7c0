"""Calls without holding: an engine or an event loop must not keep alive what nobody else holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref


def weakly(method: Callable[..., Any]) -> Callable[..., Any]:
    """A call of the bound method that does not hold its object, and does nothing once the object is
    gone."""
    owner = method.__self__  # type: ignore[attr-defined]  # compiled, it is no MethodType
    function, reference = getattr(type(owner), method.__name__), ref(owner)
    del owner

    def call(*arguments: object) -> Any:
        owner = reference()
        return None if owner is None else function(owner, *arguments)

    return call
