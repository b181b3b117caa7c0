"""The data on the page are the table of the model."""

from __future__ import annotations

from typing import Any

from streamstate.explorer import explorer_data
from streamstate.model import (
    Control,
    Event,
    Level,
    lattice,
    tabulate,
)


def test_the_table_on_the_page_is_that_of_the_model_in_every_dialect() -> None:
    data: Any = explorer_data("1.2.3")
    asked = 0
    for dialect in lattice():
        table = tabulate(dialect)
        for event in Event:
            part = data["table"][event.name]
            chosen = " ".join(getattr(dialect, field) for field in part["policies"])
            cells = iter(part["cells"][chosen])
            for at in Control:
                for after in Level:
                    for others in (False, True):
                        transition = table[event][at][after][others]
                        assert data["transitions"][next(cells)] == {
                            "rule": transition.rule.name,
                            "leads": transition.control,
                            "actions": [action.name for action in transition.actions],
                            "returned": transition.returned,
                        }
                        asked += 1
            assert next(cells, None) is None
    assert asked == 760_320
