"""`streamstate explain`: its options, and what it is asked about."""

from __future__ import annotations

import re
from typing import Final

import click

from streamstate.cli.arguments import limits_or_none, parsed_dialect, read_program
from streamstate.cli.explanations import Looks, explain_lines, rule_lines
from streamstate.cli.screen import Screen
from streamstate.model import NAMED, Dialect, Limits, Rule

_RULE_ID: Final = re.compile(r"([A-Z]+(?:_[A-Z]+)*)_[0-9]+", re.IGNORECASE)


def _one_or_all(
    _context: click.Context, _option: click.Parameter, value: str
) -> tuple[Dialect, ...]:
    return tuple(NAMED.values()) if value == "all" else (parsed_dialect(value),)


def _looks(_context: click.Context, _option: click.Parameter, value: str | None) -> Looks | None:
    return None if value is None else Looks(value)


@click.command()
@click.option(
    "--dialect",
    "dialects",
    callback=_one_or_all,
    default="reference",
    show_default=True,
    help="A named dialect, or one written name+field=value+…; all shows where the named ones part.",
)
@click.option(
    "--limits",
    callback=limits_or_none,
    metavar="BYTES,CHUNKS",
    help="From where on queues are full.  [default: 65536,16]",
)
@click.option(
    "--looks",
    type=click.Choice([looks.value for looks in Looks]),
    callback=_looks,
    help="When awaiters look at their chunks: at once, as in a check, or when the program says "
    "seen.  [default: at once, unless the program has a cancel_pull or a seen, and no together]",
)
@click.argument("asked", metavar="PROGRAM|RULE")
def explain(
    dialects: tuple[Dialect, ...], limits: Limits | None, looks: Looks | None, asked: str
) -> None:
    """Go through a PROGRAM step by step: answers, rules, states. JSON text, a file, or - for stdin.

    Or say what a RULE, such as DELETE_3, is there for, where it applies, and show an example.
    """
    rule = _rule(asked)
    if rule is not None:
        Screen().show(rule_lines(rule))
        return
    program = read_program(asked)
    Screen().show(explain_lines(program, dialects, Limits() if limits is None else limits, looks))


def _rule(asked: str) -> Rule | None:
    """The rule of that id, None for what does not look like an id. Raises `click.UsageError`."""
    matched = _RULE_ID.fullmatch(asked)
    if matched is None:
        return None
    wanted = asked.upper()
    if wanted in Rule.__members__:
        return Rule[wanted]
    op = matched[1].upper()
    alike = [rule.name for rule in Rule if rule.name.rpartition("_")[0] == op]
    known = f"{op} has {alike[0]} to {alike[-1]}" if alike else "`streamstate table` has all ids"
    raise click.UsageError(f"there is no rule {asked!r}; {known}")
