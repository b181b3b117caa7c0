"""`streamstate dialects`: shows one dialect, or two side by side, and draws them."""

from __future__ import annotations

import click

from streamstate.cli.arguments import complete_dialect, dialect_or_none, parsed_dialect
from streamstate.cli.pictures import picture_option, write_picture
from streamstate.cli.screen import Screen
from streamstate.cli.tables import dialect_lines, difference_lines, lattice_lines
from streamstate.model import REFERENCE, Dialect


def _parsed_each(
    _context: click.Context, _argument: click.Parameter, values: tuple[str, ...]
) -> tuple[Dialect, ...]:
    return tuple(map(parsed_dialect, values))


@click.command(short_help="Show the dialects and their hazards, or where two part.")
@click.option(
    "--dialect",
    "asked",
    callback=dialect_or_none,
    shell_complete=complete_dialect,
    help="The same as NAME.",
)
@picture_option("Draw the state diagram of one dialect, or how two differ; - is standard output.")
@click.argument(
    "names", nargs=-1, metavar="[NAME [OTHER]]", callback=_parsed_each,
    shell_complete=complete_dialect,
)  # fmt: skip
def dialects(asked: Dialect | None, svg: str | None, names: tuple[Dialect, ...]) -> None:
    """Show the lattice of dialects, the hazards of one, reference or NAME, and who follows it.

    Or show where two part: the policies, the situations and ops in which their rules differ.
    """
    chosen = names if asked is None else (*names, asked)
    if len(chosen) > 2:
        raise click.UsageError(f"at most two dialects can be compared, not {len(chosen)}")
    first, *others = chosen or (REFERENCE,)
    lines = [*(difference_lines(first, others[0]) if others else dialect_lines(first))]
    if not chosen:
        lines += lattice_lines()
    Screen(to_stderr=svg == "-").show(lines)
    if svg is not None:
        from streamstate.pictures import state_diagram  # noqa: PLC0415  # only who asks waits

        write_picture(svg, state_diagram(first, *others))
