"""What is done to find causes is counted, and ends when it is spent or the time is over."""

from __future__ import annotations

from streamstate.oracle.diagnosis.hypotheses.effort import Effort


def test_what_is_spent_of_a_share_is_spent_of_the_whole() -> None:
    whole = Effort(30)
    share = whole.share(3)
    share.spend(10)
    assert share.is_spent
    assert (whole.left, whole.is_spent) == (20, False)


def test_nothing_is_left_once_the_time_is_over() -> None:
    over: list[bool] = []
    whole = Effort(30, lambda: bool(over))
    share = whole.share(2)
    assert not share.is_spent
    over.append(True)
    assert share.is_spent
    assert whole.is_spent
