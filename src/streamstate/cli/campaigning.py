"""`streamstate campaign`: a check on the workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import click

from streamstate import __version__
from streamstate.cli.arguments import Seconds, dialect_option
from streamstate.cli.plan_options import (
    DAY,
    MOST_EXTRA,
    extra_states_option,
    seed_option,
    timeout_option,
)
from streamstate.cli.reports import sinks
from streamstate.cli.screen import Screen
from streamstate.cli.wanted import Wanted, report_options
from streamstate.cluster.campaign import CampaignOf, Mustered, shards_for
from streamstate.cluster.connection import ClusterError, Connection
from streamstate.cluster.hands import Hands
from streamstate.cluster.shards import Adapter, DefaultPlan
from streamstate.model import Dialect
from streamstate.oracle.checking import Question
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.suites.extent import Extent, Size, of_spelt
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire.in_words import counted

_TO_JOIN: Final = 10.0
"""Seconds in which workers say what they run."""


@click.command(short_help="Check an adapter on the workers of a cluster.")
@click.option(
    "--cluster",
    "address",
    required=True,
    metavar="ADDRESS",
    help="The scheduler of dask.distributed, such as tcp://host:8786.",
)
@dialect_option
@report_options
@timeout_option
@seed_option
@extra_states_option
@click.option(
    "--shards",
    type=click.IntRange(1, 1_000_000),
    help="Into how many to cut the plan. [default: by its size and the workers]",
)
@click.option(
    "--shard-limit",
    type=Seconds(DAY),
    default=600.0,
    show_default=True,
    help="A shard that takes more seconds goes to another worker.",
)
@click.option(
    "--tries",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="A shard that fails so often is reported as not run.",
)
@click.option("--estimate", is_flag=True, help="Say how large it is, and run nothing.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def campaign(
    address: str,
    dialect: Dialect,
    wanted: Wanted,
    timeout: float,
    seed: int,
    extra_states: int,
    shards: int | None,
    shard_limit: float,
    tries: int,
    estimate: bool,
    command: tuple[str, ...],
) -> None:
    """Check an implementation on a cluster: the adapter that COMMAND runs on each worker, or the
    built-in registry.

    The report is that of `check`, but for times. Ends with 0 if it conforms, 1 if it deviates, 3 if
    there is no verdict: the adapter died or hung, or a shard could not be run. A cluster that does
    not answer, and a worker with another streamstate, are wrong usage.
    """
    question = Question(dialect, seed, DefaultPlan(extra_states))
    with sinks(wanted.files) as opened:
        screen = Screen(to_stderr=opened.take_stdout)
        with _hands(address, tries) as hands, screen.progress() as watcher:
            adapter = Adapter(command, timeout, __version__)
            asked = CampaignOf(hands, question, adapter, shard_limit, watcher)
            verdict = _run(asked, shards, shard_limit, estimate=estimate)
        if verdict is None:
            return
        verdict = replace(verdict, extra_states=extra_states, command=command)
        wanted.show(verdict, opened, screen)
    click.get_current_context().exit(verdict.exit_code)


@contextmanager
def _hands(address: str, tries: int) -> Iterator[Hands]:
    """The workers of the cluster there. Raises `click.UsageError` for what is wrong with it."""
    try:
        hands = Hands(Connection(address), __version__, _aside, tries=tries)
        try:
            yield hands
        finally:
            hands.close()
    except ClusterError as error:
        raise click.UsageError(str(error)) from None


def _aside(text: str) -> None:
    click.echo(text, err=True)


def _run(
    asked: CampaignOf, shards: int | None, shard_limit: float, *, estimate: bool
) -> Verdict | None:
    """The verdict; None where only the size was to be said."""
    mustered = asked.muster(_TO_JOIN)
    if not isinstance(mustered, Mustered):
        return asked.question.unanswered(mustered)
    plan = asked.extent(mustered.hello, 1)
    of = shards or shards_for(plan, mustered, shard_limit)
    for line in _size_in_words(asked, mustered, plan, of):
        _aside(line)
    if estimate:
        return None
    return asked.run(mustered.hello, asked.extent(mustered.hello, of) if of > 1 else plan)


def _size_in_words(
    asked: CampaignOf, mustered: Mustered, plan: Extent, shards: int
) -> Iterator[str]:
    """How large the campaign is, and what a larger one would add."""
    planner = asked.question.planner
    assert isinstance(planner, DefaultPlan)
    yield (
        f"{counted(plan.programs, 'program')}, {counted(plan.ops, 'op')} in"
        f" {counted(shards, 'shard')}; {_duration(plan.ops, mustered)} on"
        f" {counted(mustered.threads, 'thread')}, at {mustered.rate:,.0f} ops/s as measured."
    )
    of_suites = _complete_suites(asked, mustered, planner.extra_states)
    for extra, compared in ((0, "adds"), (planner.extra_states + 1, "would add")):
        if extra > MOST_EXTRA or extra == planner.extra_states:
            continue
        other = _complete_suites(asked, mustered, extra)
        programs, ops = abs(other.programs - of_suites.programs), abs(other.ops - of_suites.ops)
        how = f"--extra-states {max(extra, planner.extra_states)} {compared}"
        yield (
            f"{how} {counted(programs, 'program')}, {counted(ops, 'op')}"
            f" ({_duration(ops, mustered)})."
        )


def _complete_suites(asked: CampaignOf, mustered: Mustered, extra_states: int) -> Size:
    planner = DefaultPlan(extra_states)
    planned = replace(asked.question, planner=planner).planned(mustered.hello, CachedModels())
    sizes = [size for each in planned if (size := of_spelt(each)) is not None]
    return Size(sum(each.programs for each in sizes), sum(each.ops for each in sizes))


def _duration(ops: int, mustered: Mustered) -> str:
    """How long that many take, in words."""
    seconds = ops / max(mustered.rate, 1e-3)
    for unit, least in (("year", 365 * DAY), ("day", DAY), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * least:
            return f"about {seconds / least:,.0f} {unit}s"
    return f"about {max(1, round(seconds)):,} seconds"
