"""Registries whose readers do not each get an error of their own, or which raise the wrong one."""

from __future__ import annotations

from typing import Final

from streamstate import StreamStateRegistry
from streamstate.registry import BytesLike, core, errors
from streamstate.registry.errors import Failure
from tests.broken.promises import PromiseFault, on_a_registry, patching
from tests.registry import test_error_sites, test_error_twins, test_push_types


def the_value_itself(self: Failure) -> Exception:
    if isinstance(self.value, Exception):
        return self.value.with_traceback(self._traceback)
    return EXCEPTION(self)


def twin_by_init(self: Failure) -> Exception:
    """Made by its class, as `copy.copy` does."""
    assert isinstance(self.value, Exception)
    return type(self.value)(*self.value.args)


def twin_that_shares_its_notes(self: Failure) -> Exception:
    made = EXCEPTION(self)
    notes = getattr(self.value, "__notes__", None)
    if notes is not None:
        made.__notes__ = notes
    return made


def twin_that_says_none(error: Exception) -> Exception:
    """What was never set is set to None, and an `OSError` shows it."""
    made = TWIN(error)
    for name in ("errno", "strerror", "filename", "filename2"):
        if hasattr(error, name):
            setattr(made, name, getattr(error, name))
    return made


def copied_as_it_comes(chunk: BytesLike) -> bytes:
    try:
        return memoryview(chunk).tobytes()
    except TypeError:
        raise TypeError(f"chunk must be bytes-like, not {type(chunk).__name__}") from None


TWIN: Final = errors.twin


EXCEPTION: Final = Failure.exception


ERROR_FAULTS: Final = (
    *(
        PromiseFault(
            f"{kind.replace(' ', '_')}_says_none",
            patching((errors, "twin", twin_that_says_none)),
            on_a_registry(
                test_error_twins.test_a_reader_gets_all_that_the_producer_said, kind=kind
            ),
        )
        for kind in ("timeout", "blocking", "os error of its errno")
    ),
    PromiseFault(
        "readers_share_the_producers_exception",
        patching((Failure, "exception", the_value_itself)),
        lambda quiet: (
            test_error_twins.test_a_hundred_readers_change_nothing_that_the_producer_holds(
                StreamStateRegistry(), quiet, "in flight"
            )
        ),
    ),
    PromiseFault(
        "second_pull_takes_the_first_site",
        patching((Failure, "exception", the_value_itself)),
        on_a_registry(
            test_error_sites.test_a_consumer_that_pulls_again_where_it_handles_keeps_the_first_site
        ),
    ),
    PromiseFault(
        "notes_show_at_other_readers",
        patching((Failure, "exception", twin_that_shares_its_notes)),
        test_error_sites.test_what_one_reader_adds_shows_at_no_other,
    ),
    *(
        PromiseFault(
            f"attributes_of_{kind.replace(' ', '_')}_are_lost",
            patching((Failure, "exception", twin_by_init)),
            on_a_registry(
                test_error_twins.test_a_reader_gets_all_that_the_producer_said, kind=kind
            ),
        )
        for kind in ("wanting", "slotted", "os error", "import", "with a cause")
    ),
    PromiseFault(
        "released_view_is_a_value_error",
        patching((core, "copied", copied_as_it_comes)),
        on_a_registry(test_push_types.test_a_released_view_is_a_type_error_and_changes_nothing),
        ValueError,
    ),
)
