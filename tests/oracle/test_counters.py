"""Counters of few bits: the program that the page on complete suites tells people to write finds
those that no suite reaches."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Create, Rule, StreamId
from streamstate.oracle.adapters.implementation import Opener, Request
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.campaign.driving import Campaign
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.programs.written import parse_with_rounds
from streamstate.oracle.suites.plan import only
from streamstate.wire import read_json

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "05-complete-suites.md"
FEW_BITS = 10


def documented(bits: int) -> Program:
    """The program of the page, with as many rounds as a counter of so many bits takes."""
    (written,) = re.findall(r"--program '(\[\[\"rounds\".*?)'", PAGE.read_text(encoding="utf-8"))
    times = int(re.findall(r'"rounds",(\d+)', written)[0])
    assert times > 2**16
    fewer = times - 2**16 + 2**bits
    return program_of(parse_with_rounds(read_json(written.replace(str(times), str(fewer)))))


def counting(bits: int) -> Opener:
    """Registries whose numbers have so many bits."""

    class Wraps(StreamStateRegistry):
        def create(self) -> StreamId:
            return super().create() % (1 << bits)

    return lambda: InProcessImplementation(lambda limits: Wraps(limits=limits), "wraps", "1")


def test_a_counter_that_wraps_is_told_at_create() -> None:
    verdict = check(counting(FEW_BITS), REFERENCE, planner=only(documented(FEW_BITS)))
    (deviation,) = verdict.deviations
    assert deviation.rule is Rule.CREATE_1
    assert sum(isinstance(turn, Create) for turn in deviation.program) == 2**FEW_BITS
    assert check(counting(64), REFERENCE, planner=only(documented(FEW_BITS))).exit_code == 0


@pytest.mark.thorough
def test_the_program_is_long_enough_for_sixteen_bits() -> None:
    implementation = counting(16)()
    campaign = Campaign(implementation, REFERENCE, CachedModels())
    tally = campaign.drive([Request(1, documented(16), family="single program")])
    implementation.close()
    ((cause, group),) = tally.groups.items()
    assert cause.rule == Rule.CREATE_1.name
    assert group.smallest.difference.expected == [2**16, []]
