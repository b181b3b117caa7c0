"""All short sequences: model and registry agree on every one, and every rule fires among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from streamstate.model import Dialect, Rule, initial
from tests.agreement.exhaustive import DIALECTS, LIMITS, Census, begin, run, sequences

DEPTHS = dict.fromkeys(DIALECTS, 4) | {DIALECTS[0]: 5}
"""As deep as about a minute on one core allows; one more op costs thirteen times as much."""


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_every_sequence_agrees(
    dialect: Dialect, record_property: Callable[[str, object], None]
) -> None:
    census = run(dialect, DEPTHS[dialect])
    record_property("sequences", census.sequences)
    assert census.sequences > {4: 39_000, 5: 500_000}[DEPTHS[dialect]]


def test_every_rule_fires_within_four_ops() -> None:
    fired: Counter[Rule] = Counter()
    for dialect in DIALECTS:
        census = Census()
        for _ in sequences(begin(initial(dialect, LIMITS)), 4, census):
            pass
        fired += census.rules
    assert set(fired) == set(Rule)
