"""All short sequences: model and registry agree on every one."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamstate.model import Dialect
from tests.agreement.exhaustive import DIALECTS, UNBUFFERED, run

SEQUENCES = (
    (DIALECTS[0], 5, 514_031),
    (DIALECTS[1], 4, 39_678),
    (DIALECTS[2], 4, 39_678),
    (DIALECTS[3], 4, 39_684),
    (DIALECTS[4], 4, 39_776),
    (DIALECTS[5], 4, 39_684),
    (DIALECTS[6], 4, 39_863),
    (DIALECTS[7], 4, 39_777),
)
"""As deep as about a minute on one core allows; one more op costs thirteen times as much."""


DEEP, *REST = SEQUENCES
QUICK = (DIALECTS[0], 4, 39_770)
"""The first ops of the deep one."""


@pytest.mark.parametrize(
    ("dialect", "depth", "sequences"),
    [
        pytest.param(*DEEP, marks=pytest.mark.thorough),
        QUICK,
        *(pytest.param(*each, marks=pytest.mark.thorough) for each in REST),
    ],
    ids=str,
)
def test_every_sequence_agrees(dialect: Dialect, depth: int, sequences: int) -> None:
    assert run(dialect, depth).sequences == sequences


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", [DIALECTS[3], *DIALECTS[6:]], ids=str)
def test_every_sequence_agrees_where_a_limit_is_zero(dialect: Dialect) -> None:
    assert run(dialect, 4, limits=UNBUFFERED).sequences > 39_000


def test_the_readme_says_how_many() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"{sum(sequences for _, _, sequences in SEQUENCES):,} in all" in readme
