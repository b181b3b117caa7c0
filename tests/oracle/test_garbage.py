"""A check keeps the garbage collector away from what it makes, also once it is over."""

import gc

from streamstate.oracle.adapters.garbage import seldom_collected

MADE = 100_000


def test_what_a_check_made_is_not_gone_through_after_it() -> None:
    gc.unfreeze()  # what is frozen before each of these tests
    with seldom_collected(here=False):
        made = [[number] for number in range(MADE)]
    after = [[number] for number in range(MADE)]  # so many that the collector looks

    old = {id(each) for each in gc.get_objects(generation=2)}

    assert all(id(each) in old for each in made)
    assert len(after) == MADE


def test_what_somebody_froze_stays_so() -> None:
    gc.freeze()
    with seldom_collected(here=False):
        pass
    assert gc.get_freeze_count() > 0  # a few of them are let go of meanwhile


def test_cycles_that_a_check_left_are_found_later() -> None:
    with seldom_collected(here=False):
        cycle = _Cycle()
        found = cycle.found
        del cycle

    gc.collect()

    assert found == [True]


class _Cycle:
    def __init__(self) -> None:
        self.itself = self
        self.found: list[bool] = []

    def __del__(self) -> None:
        self.found.append(True)
