"""Options of the commands that run a plan, here and on a cluster."""

from __future__ import annotations

from typing import Final

import click

from streamstate.cli.arguments import Seconds
from streamstate.oracle.suites.plan import DEFAULT_SEED

MOST_EXTRA: Final = 4
"""States more than needed that can be asked for."""

DAY: Final = 24 * 60 * 60
"""Seconds."""

timeout_option = click.option(
    "--timeout",
    type=Seconds(DAY),
    default=10.0,
    show_default=True,
    help="Call it a hang if a due answer takes this many seconds; at most a day.",
)

seed_option = click.option(
    "--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Seed of the random programs."
)

extra_states_option = click.option(
    "--extra-states",
    type=click.IntRange(0, MOST_EXTRA),
    default=0,
    help="Let complete suites allow for at least this many states more than needed.",
)
