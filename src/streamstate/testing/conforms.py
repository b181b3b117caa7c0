"""One line in a test: a factory's registries conform to a dialect, or the test says where not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Final, TypeAlias

import streamstate.oracle
from streamstate.explorer import explorer_beside
from streamstate.model import CancelPull, CancelPush, Dialect, Limits, Seen
from streamstate.oracle.adapters.convention import Convention
from streamstate.oracle.adapters.implementation import ExchangeError, Fault
from streamstate.oracle.adapters.inprocess import Driven
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.editing import inner_ops
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.reports.view import MOST_SHOWN
from streamstate.oracle.suites.plan import DEFAULT_SEED, Planner, Suite, default_plan
from streamstate.oracle.verdict.verdict import SINGLE, Verdict
from streamstate.testing.driver import FactoryDriver
from streamstate.testing.factory import Factory, name_of
from streamstate.wire import (
    Turn,
    compact,
    encode_program,
    parse_turns,
)

ProgramLike: TypeAlias = str | Sequence[Turn]
"""Ops of the model, some of them done together, or the wire form as JSON text."""

_LONGEST: Final = 400


def assert_conforms(
    factory: Factory,
    *,
    dialect: str | Dialect = "reference",
    limits: Limits | None = None,
    convention: Convention | None = None,
    seed: int = DEFAULT_SEED,
    programs: Iterable[ProgramLike] | None = None,
    planner: Planner = default_plan,
    cancels: bool = False,
    show_all: bool = False,
    html: str | PathLike[str] | None = None,
) -> None:
    """Run the oracle's plan (or `programs`) on registries that `factory` makes, in this process.

    If the factory takes limits, the plan also tries small ones. If it does not, and its registries
    have other limits than the default ones, give these as `limits`. `convention` says how to read
    the results of pulls. `seed` is for the plan's random programs; `planner` makes another plan.
    With `cancels` the plan also gives up pulls, by cancelling the tasks that await them, and, in a
    dialect in which pushes wait, pushes, by cancelling the tasks of an `async def push`. `show_all`
    shows every deviation in full, not only the first five. `html` names a file for the report as a
    page, written whatever the verdict, with an explorer beside it that replays the deviations.

    Raises `AssertionError` with the oracle's verdict if one deviates; `TypeError` for a factory
    that is none or whose registry lacks methods; `ValueError` for a dialect or a program that
    cannot be read or asked; `OSError` if the page cannot be written. A method that blocks the
    thread blocks the test: what pulls wait for has to be asyncio's, or a
    `concurrent.futures.Future` settled by another op.
    """
    __tracebackhide__ = True
    wanted = Dialect.parse(dialect) if isinstance(dialect, str) else dialect
    plan = planner if programs is None else _given(programs, cancels=cancels)
    FactoryDriver(
        factory, convention
    ).close()  # a factory that is none is told before anything runs
    verdict = check(
        lambda: opened(factory, convention, limits, cancels=cancels),
        wanted,
        seed=seed,
        planner=plan,
    )
    most = len(verdict.deviations) if show_all else MOST_SHOWN
    if html is not None:
        _write_page(Path(html), verdict, most)
    if verdict.exit_code:
        raise AssertionError("\n".join(_screen(verdict, name_of(factory), most)))


def _write_page(place: Path, verdict: Verdict, most: int) -> None:
    """The report, and beside it an explorer that replays what deviates."""
    explorer = explorer_beside(place, streamstate.__version__) if verdict.deviations else ""
    page = streamstate.oracle.as_html(verdict, most=most, explorer=explorer)
    place.write_text(page, encoding="utf-8")


def opened(
    factory: Factory,
    convention: Convention | None = None,
    limits: Limits | None = None,
    *,
    cancels: bool = False,
) -> Driven:
    """A factory's registries as an implementation. With `limits` it has those, and does not offer
    to set them.

    Raises `ExchangeError` if the factory fails.
    """
    try:
        driver = FactoryDriver(factory, convention, cancels=cancels)
    except Exception as error:
        raise ExchangeError(Fault.START, f"the factory raised {error!r}") from error
    offered = driver.capabilities - ({"limits"} if limits else set())
    return Driven(driver, driver.name, "in this process", offered, limits)


def _given(programs: Iterable[ProgramLike], *, cancels: bool) -> Planner:
    """A plan of these programs. Raises `ValueError` for one that cannot be asked."""
    read = tuple(_read(each, cancels=cancels) for each in programs)
    if not read:
        raise ValueError("there are no programs to run")

    def plan(_model: CachedModel, _capabilities: Collection[str], _seed: int) -> tuple[Suite, ...]:
        return (Suite(SINGLE, "the programs that were asked for", iter(read)),)

    return plan


def _read(program: ProgramLike, *, cancels: bool) -> Program:
    ops = parse_turns(program) if isinstance(program, str) else tuple(program)
    if not ops:
        raise ValueError("a program has no ops")
    for index, turn in enumerate(ops):
        for op in inner_ops(turn):
            if isinstance(op, Seen):
                raise ValueError(f"program[{index}] is {op}, which cannot be asked; leave it out")
            if isinstance(op, CancelPull | CancelPush) and not cancels:
                raise ValueError(f"program[{index}] is {turn}, which takes cancels=True")
    return program_of(ops)


def _screen(verdict: Verdict, factory: str, most: int) -> Iterator[str]:
    """The oracle's screen, with what to write to run the first program again."""
    last = ""
    for line in as_text(verdict, most=most):
        if line.text.lstrip().startswith("Again:") or line.text == last == "":
            continue  # that line is for the command line
        last = line.text
        yield last
    if verdict.deviations:
        first = verdict.deviations[0]
        yield from again(first.program, verdict.dialect, first.limits, factory)


def again(
    program: Sequence[Turn], dialect: Dialect, limits: Limits | None, factory: str
) -> Iterator[str]:
    """The line of Python that runs one program alone, unless it would be a long one."""
    text = compact(encode_program(program))
    if len(text) > _LONGEST:
        return
    options = f", dialect={str(dialect)!r}" * (dialect != Dialect())
    options += f", limits={limits}" * (limits not in {None, Limits()})
    given_up = (
        isinstance(op, CancelPull | CancelPush) for turn in program for op in inner_ops(turn)
    )
    options += ", cancels=True" * any(given_up)
    yield f"Again: assert_conforms({factory}{options}, programs=[{text!r}])"
