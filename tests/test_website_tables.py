"""A reader of the site can sort a table of many rows, with nothing from a network."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "website" / "static" / "sort.js"

CLICKS = """addEventListener("load", () => {
  const buttons = document.querySelectorAll("button");
  const column = () => [...document.querySelectorAll("tbody tr")].map((row) => row.textContent);
  const seen = [buttons.length];
  for (const button of [0, 0, 1]) { buttons[button]?.click(); seen.push(column().join(" ")); }
  document.body.textContent = seen.join("; ");
});"""


def sorted_by_clicks(folder: Path, rows: int) -> str:
    """How many buttons there are, and the rows after the clicks."""
    page = folder / "page.html"
    body = "".join(f"<tr><td>{row}</td><td>{chr(97 + row % 7)}</td></tr>" for row in range(rows))
    head = "<thead><tr><th>number</th><th>letter</th></tr></thead>"
    table = f'<table class="docutils">{head}<tbody>{body}</tbody></table>'
    scripts = f"<script>{SCRIPT.read_text(encoding='utf-8')}{CLICKS}</script>"
    page.write_text(f"<!doctype html>{scripts}<body>{table}</body>", encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile")
    command = ("chromium", *options, "--dump-dom", page.as_uri())
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    (seen,) = re.findall(r"<body>(.*?)</body>", dom, re.DOTALL)
    return str(seen)


@pytest.mark.needs_chromium
def test_a_click_on_a_heading_sorts_and_a_second_one_the_other_way(tmp_path: Path) -> None:
    up = [f"{row}{'abcdefg'[row % 7]}" for row in range(11)]
    down = up[::-1]
    letters = sorted(down, key=lambda row: row[-1])
    expected = f"2; {' '.join(up)}; {' '.join(down)}; {' '.join(letters)}"
    assert sorted_by_clicks(tmp_path, 11) == expected


@pytest.mark.needs_chromium
def test_a_table_of_few_rows_has_nothing_to_click(tmp_path: Path) -> None:
    assert sorted_by_clicks(tmp_path, 3).startswith("0; ")
