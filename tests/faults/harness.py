"""The faulty examples of tests.testing, asked as `streamstate.testing` asks them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from streamstate.model import Rule
from streamstate.oracle.adapters.implementation import Opener
from streamstate.testing import Convention, Factory
from streamstate.testing.conforms import opened
from tests.faults.fault import BOTH, Fault, Group, Mode, Planting
from tests.testing import faults


def harness_faults() -> Iterator[Fault]:
    """One for each faulty class."""
    for each in faults.FAULTS:
        yield Fault(
            Group.HARNESS,
            each.factory.__name__,
            _causes(each.factory.__name__, each.rule),
            _planting(each.make, each.convention),
            modes=BOTH if hasattr(each.factory, "get") else (Mode.BLACK_BOX,),
        )


_ALSO: Final = {"DeleteForgets": (Rule.CLEAR_2,), "CountsAnew": (Rule.CLEAR_2, Rule.CREATE_1)}
"""Where the method that is wrong does what other rules ask for, too."""


def _causes(name: str, rule: str) -> frozenset[Rule]:
    own = (each for each in Rule if each.name.startswith(rule))
    return frozenset((*own, *_ALSO.get(name, ())))


def _planting(factory: Factory, convention: Convention) -> Planting:
    @contextmanager
    def plant(mode: Mode) -> Iterator[Opener]:
        yield read(factory, convention, mode)

    return plant


def read(factory: Factory, convention: Convention, mode: Mode) -> Opener:
    """Opens what the harness makes of a factory."""
    how = convention if mode is Mode.GET else replace(convention, get=False)
    return lambda: opened(factory, how)
