"""What the pages on histories show is what happens."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from streamstate.histories import form, read_history
from streamstate.histories.drawing import report_lines
from streamstate.histories.linearize import MOST_STEPS
from streamstate.histories.report import report_on
from streamstate.histories.search import MOST_CHUNKS, MOST_KEPT
from tests.histories.races import RACES

ROOT = Path(__file__).parents[2]
HOW_TO = (ROOT / "docs" / "how-to" / "check-a-concurrent-history.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "reference" / "histories.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", HOW_TO, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_history_on_the_page_is_drawn_as_the_page_has_it() -> None:
    file = BytesIO(block("history: two queues").encode())
    lines = report_lines(report_on("history.jsonl", file))
    assert "".join(f"{line.text}\n" for line in lines) == block("drawn: two queues")


def test_the_form_as_its_module_shows_it_is_read() -> None:
    shown = re.findall(r"^    (\{.*\})$", form.__doc__ or "", re.MULTILINE)
    text = "\n".join(shown).replace("{…}", '{"high_water_mark":1,"max_queue_chunks":1}')
    assert len(read_history(BytesIO(text.encode())).calls) == 4


def test_every_key_and_op_has_a_line_in_the_reference() -> None:
    for key in form.KEYS:
        assert f"| `{key}` |" in REFERENCE
    for op in form.EXPECTED:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", op.__name__).lower()
        assert f'["{name}"' in REFERENCE


def test_the_bounds_are_those_that_are_told() -> None:
    assert f"by default {MOST_STEPS:,}" in REFERENCE
    assert f"by default {MOST_STEPS:,}" in HOW_TO
    assert f"at least its last {MOST_KEPT // 2:,} choices" in REFERENCE
    assert f"as many as hold {MOST_CHUNKS // 2:,} queued chunks" in REFERENCE


def test_the_readme_counts_the_races() -> None:
    assert f"{['No', 'Eleven'][len(RACES) == 11]} registries for threads" in README
