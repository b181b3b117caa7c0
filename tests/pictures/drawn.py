"""The pictures in docs/pictures, made from the model.

    python -m tests.pictures.drawn

draws them anew; a test wants no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from streamstate.model import (
    ISOLATE,
    NAMED,
    REFERENCE,
    WHATWG,
    Close,
    Create,
    Limits,
    Pull,
    Rule,
)
from streamstate.pictures import sequence_diagram, state_diagram
from streamstate.semantics import passages
from streamstate.wire import parse_program

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"


def _example(rule: Rule) -> str:
    passage = passages()[rule]
    return sequence_diagram(parse_program(passage.program), passage.dialect, passage.limits)


PICTURES: Final[Mapping[str, Callable[[], str]]] = {
    **{f"{name}.svg": partial(state_diagram, dialect) for name, dialect in NAMED.items()},
    "reference-isolate.svg": partial(state_diagram, REFERENCE, ISOLATE),
    "reference-whatwg.svg": partial(state_diagram, REFERENCE, WHATWG),
    "forgotten-pull.svg": partial(
        sequence_diagram,
        (Create(), Pull(1), Close(1)),
        REFERENCE,
        Limits(),
        looks_at_once=True,
        observed="no pull settles",
    ),
    "given-back.svg": partial(_example, Rule.CANCEL_PULL_4),
}
"""Each file with how it is made."""


def main() -> None:
    """Draw them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / name).write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
