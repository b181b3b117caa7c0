"""One registry per context: whatever object stands for a guest, its registry goes with it.

For an object that can carry an attribute the registry lives on the object itself, so both are
collected together, even where the registry (an error value, say) refers back to its context.
A weak dictionary could not do that: its values are held for as long as they hold their keys.
Other objects that can be weakly referenced are known by identity, and their registry goes when
they go, which needs that the registry does not hold them.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock
from typing import Final

from streamstate.model import REFERENCE, Dialect, Limits
from streamstate.registry import StreamStateRegistry

_ATTRIBUTE: Final = "__stream_state_registry__"


@dataclass(frozen=True, slots=True)
class ContextDefaults:
    """What a context's registry is made with if nobody says otherwise: the value of the context's
    attribute `stream_registry_defaults`."""

    dialect: Dialect = REFERENCE
    limits: Limits = Limits()  # noqa: RUF009  # immutable


class Holder:
    """A registry on its context; None once the context has done with it. A copy of the context
    carries the holder along, but does not own it, so the copy gets a registry of its own; and a
    pickled context carries none."""

    __slots__ = ("owner", "registry")

    def __init__(self, owner: object, registry: StreamStateRegistry) -> None:
        self.owner = _reference_to(owner)
        self.registry: StreamStateRegistry | None = registry

    def __deepcopy__(self, _memo: object) -> None:
        return None

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()


def _reference_to(owner: object) -> Callable[[], object]:
    """A weak reference; for an object that has none a strong one, in a cycle that a collection can
    find."""
    try:
        return weakref.ref(owner)
    except TypeError:
        return lambda: owner


_by_identity: Final[dict[int, tuple[weakref.ref[object], StreamStateRegistry]]] = {}
_lock: Final = RLock()  # anything in here may collect garbage, and a finalizer clear its context


def get_stream_registry_for_context(
    context: object, *, dialect: Dialect | None = None, limits: Limits | None = None
) -> StreamStateRegistry:
    """The registry of `context`, made at the first call. O(1).

    `dialect` and `limits` say what to make it with; where they are None, the context's own
    `ContextDefaults` decide, else `reference`, 64 KiB and 16 chunks. Raises `ValueError` if the
    context has one with another dialect or other limits than the ones named, `TypeError` if the
    context can neither carry an attribute nor be weakly referenced.
    """
    with _lock:
        registry = _find(context)
        if registry is None:
            defaults = _defaults_of(context)
            registry = StreamStateRegistry(dialect or defaults.dialect, limits or defaults.limits)
            _attach(context, registry)
        _require_same(registry, dialect, limits)
        return registry


def clear_stream_registry_for_context(
    context: object, *, dialect: Dialect | None = None, limits: Limits | None = None
) -> None:
    """Clear the registry of `context`, if it has one, and forget it. O(streams + waiting pulls).

    The next `get_stream_registry_for_context` makes a new one. Raises `ValueError`, and clears
    nothing, if the one it has is of another dialect or other limits than the ones named.
    """
    with _lock:
        registry = _find(context)
        if registry is None:
            return
        _require_same(registry, dialect, limits)
    registry.clear()
    with _lock:
        if _find(context) is registry:
            _detach(context)


def holder_of(context: object) -> Holder | None:
    """What holds the registry that `context` carries; None if it carries none. Whoever keeps this
    sees when the registry is cleared. O(1)."""
    try:
        holder = vars(context).get(_ATTRIBUTE)
    except TypeError:
        return None
    return holder if type(holder) is Holder and holder.owner() is context else None


def _defaults_of(context: object) -> ContextDefaults:
    told = getattr(context, "stream_registry_defaults", None)
    return told if isinstance(told, ContextDefaults) else ContextDefaults()


def _require_same(
    registry: StreamStateRegistry, dialect: Dialect | None, limits: Limits | None
) -> None:
    if dialect is not None and dialect != registry.dialect:
        raise ValueError(f"this context has a registry of {registry.dialect}, not {dialect}")
    if limits is not None and limits != registry.limits:
        raise ValueError(f"this context has a registry with {registry.limits}, not {limits}")


def _find(context: object) -> StreamStateRegistry | None:
    holder = holder_of(context)
    if holder is not None:
        return holder.registry
    known = _by_identity.get(id(context))
    return known[1] if known is not None and known[0]() is context else None


def _own_attributes(context: object) -> dict[str, object]:
    """The attributes of the object itself, not of its class, which may be a context in its own
    right."""
    try:
        return vars(context)
    except TypeError:
        return {}


def _attach(context: object, registry: StreamStateRegistry) -> None:
    if _set_attribute(context, Holder(context, registry)):
        return
    key = id(context)
    try:
        reference = weakref.ref(context, lambda _gone: _by_identity.pop(key, None))
    except TypeError:
        raise TypeError(
            f"a context must be able to carry an attribute or be weakly referenced;"
            f" {type(context).__name__!r} objects are neither"
        ) from None
    _by_identity[key] = (reference, registry)


def _set_attribute(context: object, holder: Holder) -> bool:
    """Set it past any `__setattr__` of its class, so that a frozen object can be a context."""
    try:
        setter = type.__setattr__ if isinstance(context, type) else object.__setattr__
        setter(context, _ATTRIBUTE, holder)
    except (AttributeError, TypeError):
        return False
    return True


def _detach(context: object) -> None:
    holder = holder_of(context)
    if holder is not None:
        holder.registry = None
    if _own_attributes(context).get(_ATTRIBUTE) is None:
        _by_identity.pop(id(context), None)
    elif isinstance(context, type):
        type.__delattr__(context, _ATTRIBUTE)
    else:
        object.__delattr__(context, _ATTRIBUTE)
