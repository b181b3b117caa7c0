"""`streamstate explain` and `streamstate rule`: their options and arguments."""

from __future__ import annotations

import re
from typing import Final

import click

from streamstate.cli.arguments import complete_dialect, limits_or_none, parsed_dialect, read_program
from streamstate.cli.explanations import Looks, explain_lines, rule_lines
from streamstate.cli.pictures import picture_option, write_picture
from streamstate.cli.screen import Screen
from streamstate.model import NAMED, Dialect, Limits, Rule

_RULE_ID: Final = re.compile(r"([A-Z]+(?:_[A-Z]+)*)_[0-9]+", re.IGNORECASE)


def _each_or_all(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[Dialect, ...]:
    """The named dialects, each once."""
    named = (NAMED.values() if value == "all" else (parsed_dialect(value),) for value in values)
    return tuple(dict.fromkeys(dialect for those in named for dialect in those))


def _looks(_context: click.Context, _option: click.Parameter, value: str | None) -> Looks | None:
    return None if value is None else Looks(value)


def _complete_rule(_context: click.Context, _argument: click.Parameter, begun: str) -> list[str]:
    return [rule.name for rule in Rule if rule.name.startswith(begun.upper())]


@click.command(short_help="Go through a PROGRAM step by step: answers, rules, states.")
@click.option(
    "--dialect",
    "dialects",
    multiple=True,
    callback=_each_or_all,
    default=("reference",),
    show_default=True,
    shell_complete=complete_dialect,
    help="A named dialect, or one written name+field=value+…. Give several, or all for the "
    "named ones, to see where they part.",
)
@click.option(
    "--limits",
    callback=limits_or_none,
    metavar="BYTES,CHUNKS",
    help="The limits at which a queue is full.  [default: 65536,16]",
)
@click.option(
    "--looks",
    type=click.Choice([looks.value for looks in Looks]),
    callback=_looks,
    help="When awaiters look at their chunks: at once, as in a check, or when the program says "
    "seen.  [default: when-told, unless the program has a together]",
)
@picture_option("Draw the program as a sequence diagram as well; - is standard output.")
@click.argument("asked", metavar="PROGRAM|RULE", shell_complete=_complete_rule)
def explain(
    dialects: tuple[Dialect, ...],
    limits: Limits | None,
    looks: Looks | None,
    svg: str | None,
    asked: str,
) -> None:
    """Go through a PROGRAM step by step: answers, rules, states.

    A PROGRAM is JSON text, a file, or - for stdin. Given a RULE, such as DELETE_3, say instead why
    it exists and where it applies, and show an example.
    """
    found = _rule(asked)
    if found is not None:
        if svg is not None:
            raise click.UsageError("--svg draws a program; a rule has none of its own")
        Screen().show(rule_lines(found))
        return
    program = read_program(asked)
    limits = Limits() if limits is None else limits
    looks = Looks.of(program) if looks is None else looks
    if svg is not None and len(dialects) > 1:
        raise click.UsageError("--svg draws a program in one dialect, not in all")
    Screen(to_stderr=svg == "-").show(explain_lines(program, dialects, limits, looks))
    if svg is not None:
        from streamstate.pictures import sequence_diagram  # noqa: PLC0415  # only who asks waits

        at_once = looks is Looks.AT_ONCE
        write_picture(svg, sequence_diagram(program, dialects[0], limits, looks_at_once=at_once))


@click.command(short_help="Say what a RULE, such as DELETE_3, means, with an example.")
@click.argument("asked", metavar="RULE", shell_complete=_complete_rule)
def rule(asked: str) -> None:
    """Say what a RULE, such as DELETE_3, means: why, where, in which dialects; an example."""
    found = _rule(asked)
    if found is None:
        raise click.UsageError(f"{asked!r} is not a rule; expected an id such as DELETE_3")
    Screen().show(rule_lines(found))


def _rule(asked: str) -> Rule | None:
    """The rule of that id; None for a text that does not look like one. Raises `click.UsageError`
    for an id of no rule."""
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
