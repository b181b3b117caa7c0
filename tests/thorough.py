"""Cases that are much alike: some are tried always, the others where tests may take long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet


def one_in(number: int, cases: Iterable[Any]) -> list[Any]:
    """Those cases, of which one in so many, the first one included, is not marked `thorough`."""
    return [case if place % number == 0 else _marked(case) for place, case in enumerate(cases)]


def _marked(case: Any) -> ParameterSet:
    if isinstance(case, ParameterSet):
        return case._replace(marks=[*case.marks, pytest.mark.thorough])
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.thorough)
