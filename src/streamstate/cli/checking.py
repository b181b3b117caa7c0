"""`streamstate check`: its options, and what it makes of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import click

from streamstate import __version__
from streamstate.cli.arguments import (
    Seconds,
    complete_dialect,
    limits_or_none,
    parsed_dialect,
    program_file,
    read_turns,
    report_file,
    why,
)
from streamstate.cli.ending import ended_by_signals
from streamstate.cli.own_registry import own_registry
from streamstate.cli.plan_options import DAY, extra_states_option, seed_option, timeout_option
from streamstate.cli.reports import sinks
from streamstate.cli.screen import Bar, Note, Screen
from streamstate.cli.wanted import Wanted, report_options
from streamstate.model import Dialect, Limits
from streamstate.oracle import checking as oracle
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Implementation, Opener
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.adapters.pipes import obstacle
from streamstate.oracle.adapters.team import in_parallel
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.known_deviations import applying, excuse, listed, try_known
from streamstate.oracle.diagnosis.known_file import known_text, parse_known
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.plan import PlanError, Planner, default_plan, only
from streamstate.oracle.verdict.known import Known, Unanswered
from streamstate.oracle.verdict.verdict import WHOLE, Shard, Verdict

AUTO: Final = None
"""Stands for the dialect that the check is to find."""

_AUTO: Final = 55.0
"""Seconds to find the dialect and to check against it, unless the user gives others: whoever asks
wants to know where to begin."""

_LONGEST_SHARD: Final = 40
"""The most characters of a number in a shard, more than any needs: Python refuses to read a number
that is much too long."""


def _dialect_or_auto(
    _context: click.Context, _option: click.Parameter, value: str
) -> Dialect | None:
    return AUTO if value == "auto" else parsed_dialect(value)


def _parsed_shard(_context: click.Context, _option: click.Parameter, value: str) -> Shard:
    if len(value) > _LONGEST_SHARD:
        raise click.BadParameter(f"{value[:9]}… is not a shard; expected I/N, such as 2/8")
    try:
        return Shard.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(short_help="Check an adapter, or the built-in registry, against the model.")
@click.option(
    "--dialect",
    callback=_dialect_or_auto,
    shell_complete=complete_dialect,
    default="reference",
    show_default=True,
    help="A named dialect, or one written name+field=value+…; auto finds the nearest, in a minute.",
)
@report_options
@click.option(
    "--known",
    "known_file",
    type=click.Path(dir_okay=False),
    help="Accepted deviations, with reasons. One that no longer deviates is an error.",
)
@click.option(
    "--write-known",
    "new_known",
    type=report_file,
    help="Write the deviations found to this file, for you to add reasons.",
)
@timeout_option
@seed_option
@click.option("--program", help="Run only this program: JSON text, a file, or - for stdin.")
@click.option(
    "--limits",
    callback=limits_or_none,
    metavar="BYTES,CHUNKS",
    help="The limits at which a queue is full, for --program.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="How many processes of the adapter run at once. The verdict is the same.",
)
@click.option(
    "--shard",
    callback=_parsed_shard,
    default="1/1",
    metavar="I/N",
    help="Run only part I of the N parts of the plan.",
)
@click.option(
    "--budget",
    type=Seconds(365 * DAY),
    help="Stop after this many seconds, and say what is known by then.",
)
@extra_states_option
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def check(
    dialect: Dialect | None,
    wanted: Wanted,
    known_file: str | None,
    new_known: str | None,
    timeout: float,
    seed: int,
    program: str | None,
    limits: Limits | None,
    jobs: int,
    shard: Shard,
    budget: float | None,
    extra_states: int,
    command: tuple[str, ...],
) -> None:
    """Check an implementation: the adapter that COMMAND runs, or the built-in registry.

    Ends with 0 if it conforms, 1 if it deviates, 3 if there is no verdict: it died, hung or broke
    the protocol, or the budget ran out before anything was proved.
    """
    _require_one_plan(program, limits, shard, extra_states)
    _note_misplaced(command)
    limit = Budget(_AUTO if budget is None and dialect is AUTO else budget)
    opener = _opener(dialect, command, timeout, jobs, limit)
    planner = _planner(program, limits, extra_states)
    known = None if known_file is None else _read_known(known_file)
    files = {**wanted.files, "--write-known": new_known}
    with sinks(files, [("--program", program_file(program)), ("--known", known_file)]) as opened:
        screen = Screen(to_stderr=opened.take_stdout)
        with ended_by_signals(limit) as end_at_once, screen.progress() as bar:
            verdict = _checked(opener, dialect, seed, planner, shard, limit, bar)
            if not verdict.tally.programs:
                end_at_once()  # nothing is known that could be told
            if known is not None:
                verdict = _excused(opener, verdict, known, limit)
        verdict = replace(verdict, extra_states=extra_states, command=command)
        to_list = partial(known_text, listed(verdict))
        wanted.show(verdict, opened, screen, {"--write-known": to_list})
    click.get_current_context().exit(verdict.exit_code)


def _require_one_plan(
    program: str | None, limits: Limits | None, shard: Shard, extra_states: int
) -> None:
    """Raise `click.UsageError` if options for a plan and options for one program are mixed."""
    if program is not None and (shard != WHOLE or extra_states):
        raise click.UsageError("--program runs one program; leave out --shard and --extra-states")
    if program is None and limits is not None:
        raise click.UsageError("--limits needs --program; the plan has limits of its own")


def _note_misplaced(command: tuple[str, ...]) -> None:
    """Note options of this command that stand among the adapter's arguments. That may be right: an
    adapter may have a `--dialect` of its own."""
    ours = {name for option in check.params for name in option.opts} - {"--dialect"}
    for each in command[1:]:
        if each.partition("=")[0] in ours:
            note = f"Note: {each} stands after --, so COMMAND gets it, and not check."
            click.echo(note, err=True)


def _planner(program: str | None, limits: Limits | None, extra_states: int) -> Planner:
    if program is not None:
        return only(program_of(read_turns(program)), limits)
    return partial(default_plan, extra_states=extra_states)


def _opener(
    dialect: Dialect | None, command: tuple[str, ...], timeout: float, jobs: int, limit: Budget
) -> Opener:
    if command:
        if (why := obstacle()) is not None:
            raise click.UsageError(f"{why}; without one, check and all other commands work here")
        return in_parallel(lambda: ChildImplementation(command, timeout, limit), jobs)
    if jobs > 1:
        raise click.UsageError("--jobs needs a COMMAND to run several times")
    if dialect is AUTO:
        raise click.UsageError("--dialect auto needs a COMMAND; the built-in registry follows any")
    return lambda: InProcessImplementation(
        partial(own_registry, dialect),
        "streamstate.StreamStateRegistry",
        __version__,
        unbuffered=True,
    )


def _checked(
    opener: Opener,
    dialect: Dialect | None,
    seed: int,
    planner: Planner,
    shard: Shard,
    limit: Budget,
    bar: Bar | Note,
) -> Verdict:
    check_it = oracle.check_any if dialect is AUTO else partial(oracle.check, dialect=dialect)
    try:
        return check_it(
            _seen_by(bar, opener),
            seed=seed,
            planner=planner,
            shard=shard,
            budget=limit,
            progress=bar,
        )
    except PlanError as error:
        raise click.UsageError(str(error)) from None


def _seen_by(bar: Bar | Note, opener: Opener) -> Opener:
    def opened() -> Implementation:
        bar.started()
        return opener()

    return opened


def _read_known(name: str) -> tuple[Known, ...]:
    try:
        return parse_known(Path(name).read_text(encoding="utf-8"), name)
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name} is not UTF-8: {error}") from None
    except OSError as error:
        raise click.UsageError(f"cannot read {name!r}: {why(error)}") from None
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _excused(opener: Opener, verdict: Verdict, known: tuple[Known, ...], limit: Budget) -> Verdict:
    in_force = applying(known, verdict.dialect)
    if verdict.tally.broken is not None:
        return excuse(verdict, [Unanswered(each) for each in in_force])
    runner = Runner(opener, verdict.dialect, CachedModels(), limit)
    try:
        return excuse(verdict, try_known(runner, in_force))
    finally:
        runner.close()
