"""Calling without holding: an engine, or an event loop, must not keep what nobody else has."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any
from weakref import ref


def weakly(method: Callable[..., Any]) -> Callable[..., Any]:
    """The bound method, which does not hold its object, and does nothing once that is gone."""
    assert isinstance(method, MethodType)
    function, reference = method.__func__, ref(method.__self__)

    def call(*arguments: object) -> Any:
        owner = reference()
        return None if owner is None else function(owner, *arguments)

    return call
