"""One registry per context, and it goes when its context goes."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any
from weakref import ref

import pytest

from streamstate import (
    ISOLATE,
    PLAN_01,
    REFERENCE,
    Limits,
    StreamDeleted,
    StreamStateRegistry,
    clear_stream_registry_for_context,
    get_stream_registry_for_context,
)
from tests.contexts import Frozen, Plain, Slotted, SlottedWithDict, make_contexts
from tests.registry.support import look


@pytest.mark.parametrize("kind", make_contexts())
def test_a_context_has_one_registry_until_it_is_cleared(kind: str) -> None:
    context = make_contexts()[kind]
    registry = get_stream_registry_for_context(context)
    assert isinstance(registry, StreamStateRegistry)
    gc.collect()
    assert get_stream_registry_for_context(context) is registry
    stream = registry.create()
    clear_stream_registry_for_context(context)
    assert registry.get(stream) is None
    later = get_stream_registry_for_context(context)
    assert later is not registry
    assert later.create() == 1
    clear_stream_registry_for_context(context)
    clear_stream_registry_for_context(context)


THE_ONLY_ONES = {"class refusing attributes", "built-in class", "enum member", "function"}


@pytest.mark.parametrize("kind", [kind for kind in make_contexts() if kind not in THE_ONLY_ONES])
def test_two_contexts_that_may_compare_equal_have_two_registries(kind: str) -> None:
    contexts = make_contexts()[kind], make_contexts()[kind]
    first, second = map(get_stream_registry_for_context, contexts)
    assert first is not second
    clear_stream_registry_for_context(contexts[0])
    assert get_stream_registry_for_context(contexts[1]) is second


def test_clearing_rejects_the_pulls_that_wait() -> None:
    context = Plain()
    registry = get_stream_registry_for_context(context)
    pull = registry.pull(registry.create())
    clear_stream_registry_for_context(context)
    with pytest.raises(StreamDeleted):
        look(pull)


def test_clearing_a_context_without_a_registry_does_nothing() -> None:
    context = Plain()
    clear_stream_registry_for_context(context)
    assert vars(context) == {}


@pytest.mark.parametrize("context", [7, "text", None, (1, 2), 1.5, [1], {"a": 1}], ids=repr)
def test_what_carries_nothing_and_cannot_be_weakly_referenced_is_a_type_error(
    context: object,
) -> None:
    with pytest.raises(TypeError, match=type(context).__name__):
        get_stream_registry_for_context(context)
    clear_stream_registry_for_context(context)


def test_without_a_word_it_is_made_with_the_defaults() -> None:
    registry = get_stream_registry_for_context(Plain())
    assert (registry.dialect, registry.limits) == (REFERENCE, Limits())


def test_dialect_and_limits_are_those_asked_for_and_stay() -> None:
    context, limits = Plain(), Limits(100, 2)
    registry = get_stream_registry_for_context(context, dialect=PLAN_01, limits=limits)
    assert (registry.dialect, registry.limits) == (PLAN_01, limits)
    assert get_stream_registry_for_context(context) is registry
    assert get_stream_registry_for_context(context, dialect=PLAN_01) is registry
    assert get_stream_registry_for_context(context, limits=Limits(100, 2)) is registry


@pytest.mark.parametrize("kind", ["plain", "slotted"])
def test_asking_for_others_is_a_value_error_and_changes_nothing(kind: str) -> None:
    context = make_contexts()[kind]
    registry = get_stream_registry_for_context(context, dialect=PLAN_01)
    stream = registry.create()
    for ask in (get_stream_registry_for_context, clear_stream_registry_for_context):
        with pytest.raises(ValueError, match="plan-01, not isolate"):
            ask(context, dialect=ISOLATE)
        with pytest.raises(ValueError, match="Limits"):
            ask(context, dialect=PLAN_01, limits=Limits(1, 1))
    assert get_stream_registry_for_context(context) is registry
    assert registry.get(stream) is not None


def test_after_clearing_others_may_be_asked_for() -> None:
    context = Plain()
    get_stream_registry_for_context(context, dialect=PLAN_01)
    clear_stream_registry_for_context(context, dialect=PLAN_01)
    assert get_stream_registry_for_context(context, dialect=ISOLATE).dialect == ISOLATE


def test_wrong_arguments_leave_no_registry_behind() -> None:
    context = Plain()
    with pytest.raises(TypeError, match="dialect must be"):
        get_stream_registry_for_context(context, dialect="plan-01")  # type: ignore[arg-type]
    assert get_stream_registry_for_context(context, dialect=ISOLATE).dialect == ISOLATE


def test_a_class_its_subclass_and_their_instances_are_four_contexts() -> None:
    class Base:
        pass

    class Sub(Base):
        pass

    contexts: list[object] = [Base, Sub, Base(), Sub()]
    registries = [get_stream_registry_for_context(context) for context in contexts]
    assert len({id(registry) for registry in registries}) == 4
    assert [get_stream_registry_for_context(context) for context in contexts] == registries


@pytest.mark.parametrize(
    "kind", ["plain", "slotted", "frozen", "unhashable", "refusing attributes"]
)
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda context: pickle.loads(pickle.dumps(context))]
)
def test_a_copy_is_a_context_of_its_own(kind: str, copied: Any) -> None:
    context = make_contexts()[kind]
    registry = get_stream_registry_for_context(context)
    twin = copied(context)
    clear_stream_registry_for_context(twin)
    other = get_stream_registry_for_context(twin)
    assert other is not registry
    assert get_stream_registry_for_context(twin) is other
    assert get_stream_registry_for_context(context) is registry


def test_a_copy_made_where_its_original_was_is_still_no_owner() -> None:
    original = SlottedWithDict()
    registry = get_stream_registry_for_context(original)
    first = copy.copy(original)
    where = id(original)
    del original
    later = [copy.copy(first) for _ in range(50)]
    same_place = [twin for twin in later if id(twin) == where]
    for twin in (*same_place, *later):
        assert get_stream_registry_for_context(twin) is not registry


@pytest.mark.parametrize("make", [Plain, SlottedWithDict, lambda: type("Fresh", (), {})])
def test_a_registry_on_its_context_may_hold_it_and_both_are_collected(make: Any) -> None:
    context = make()
    registry = get_stream_registry_for_context(context)
    registry.error(registry.create(), [context])
    gone = ref(registry)
    del context, registry
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("make", [Plain, Slotted])
def test_a_registry_goes_with_its_context(make: type[object]) -> None:
    context = make()
    gone = ref(get_stream_registry_for_context(context))
    assert gone() is not None
    del context
    gc.collect()
    assert gone() is None


def test_a_context_known_by_identity_leaves_nothing_for_the_next_at_its_place() -> None:
    seen: list[StreamStateRegistry] = []
    for _ in range(50):
        context = Slotted()
        registry = get_stream_registry_for_context(context)
        assert registry.create() == 1
        seen.append(registry)
        del context
    assert len({id(registry) for registry in seen}) == 50


def test_a_registry_that_somebody_holds_outlives_its_context() -> None:
    context = Plain()
    registry = get_stream_registry_for_context(context)
    del context
    gc.collect()
    assert registry.create() == 1


def test_a_finalizer_that_clears_its_context_while_another_is_made_does_not_hang() -> None:
    class Isolate:
        def __del__(self) -> None:
            clear_stream_registry_for_context(self)

    class Trigger(Limits):
        """Comparing it collects garbage, as anything may that allocates."""

        def __ne__(self, other: object) -> bool:
            gc.collect()
            return False

    isolate = Isolate()
    gone = ref(get_stream_registry_for_context(isolate))
    isolate.itself = isolate  # type: ignore[attr-defined]
    del isolate
    get_stream_registry_for_context(Plain(), limits=Trigger())
    assert gone() is None


def test_equal_objects_stay_equal_where_they_compare_by_fields() -> None:
    one, other = Frozen("x"), Frozen("x")
    get_stream_registry_for_context(one)
    assert one == other
    assert hash(one) == hash(other)
    assert repr(one) == repr(other)
