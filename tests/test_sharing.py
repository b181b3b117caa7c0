"""Files that share what takes long to make are one unit for pytest-xdist; others are one each."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from tests.sharing import LONGEST, TOGETHER, unit_of

ROOT = Path(__file__).parents[1]
NAMED = [f"tests/{name}.py" for name in chain.from_iterable(TOGETHER)]


@pytest.mark.parametrize("file", NAMED)
def test_a_file_that_shares_is_there_and_named_once(file: str) -> None:
    assert (ROOT / file).exists()
    assert NAMED.count(file) == 1


@pytest.mark.parametrize("file", LONGEST)
def test_a_file_that_takes_long_is_a_unit_of_its_own(file: str) -> None:
    assert (ROOT / "tests" / f"{file}.py").exists()
    assert unit_of(f"tests/{file}.py::test_it") == f"tests/{file}.py"
    assert f"tests/{file}.py" not in NAMED


def test_files_that_share_are_one_unit_and_others_are_not() -> None:
    for names in TOGETHER:
        assert len({unit_of(f"tests/{name}.py::test_it[a::b]") for name in names}) == 1
    assert len({unit_of(f"tests/{names[0]}.py::test_it") for names in TOGETHER}) == len(TOGETHER)
    assert unit_of("tests/test_build.py::test_one") == unit_of("tests/test_build.py::test_other")
    assert unit_of("tests/test_build.py::test_one") != unit_of("tests/test_docs.py::test_one")
