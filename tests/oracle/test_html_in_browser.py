"""A browser makes of the page what is meant: nothing overflows, nothing is pale, nothing that an
implementation says becomes an element, and it prints."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from streamstate.oracle.reports.html import as_html
from tests.oracle.reported import NASTY
from tests.oracle.reported_known import verdict_of
from tests.oracle.test_html import ALLOWED
from tests.thorough import one_in

MEASURE = """<script>
addEventListener("load", () => {
  const wide = document.documentElement.clientWidth;
  const within = (e) => { for (let p = e.parentElement; p; p = p.parentElement)
    if (p.classList.contains("frame")) return true; return false; };
  const over = [...document.body.querySelectorAll("*")].filter((e) => !within(e)
    && e.getBoundingClientRect().right > wide + 1).map((e) => e.outerHTML.slice(0, 80));
  const cut = [...document.querySelectorAll("td, th, dd, li, pre, h1, p")].filter((e) =>
    e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map((e) => e.outerHTML.slice(0, 80));
  const tags = [...new Set([...document.querySelectorAll("*")].map((e) => e.localName))];
  const shade = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map((x) => x / 255).map((x) =>
    x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e)
    .backgroundColor; if (!/, 0\\)|\\/ 0\\)|transparent|rgba/.test(c)) return c; }
    return "rgb(255, 255, 255)"; };
  const pale = [...document.querySelectorAll("p, dt, dd, td, th, li, small, h1, h2, h3, strong")]
    .filter((e) => { const [a, b] = [shade(getComputedStyle(e).color), shade(ground(e))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5; })
    .map((e) => e.outerHTML.slice(0, 80));
  const said = JSON.stringify({wide, over, cut, tags, pale, title: document.title});
  document.body.innerHTML = ""; document.title = "";
  const found = document.createElement("pre"); found.id = "measured";
  found.textContent = said; document.body.append(found);
});
</script></body>"""


def chromium(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = (
        *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--enable-logging=stderr", "--v=0", "--disable-background-networking"),
        f"--user-data-dir={page.parent / 'profile'}",
        *options,
        page.as_uri(),
    )
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def measured(folder: Path, text: str, width: int, *options: str) -> dict[str, Any]:
    """What a browser makes of a page `width` pixels wide."""
    # A window of Chromium is never narrower than some 500 pixels, a frame is.
    open_to_scripts = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    assert open_to_scripts != text
    frame = f'<iframe srcdoc="{{}}" style="width:{width}px;height:900px;border:0"></iframe>'
    inner = open_to_scripts.replace("</body>", MEASURE).replace("&", "&amp;").replace('"', "&quot;")
    outer = (
        "<!DOCTYPE html><body style='margin:0'>" + frame.format(inner) + "<script>"
        'addEventListener("load", () => { const said = document.querySelector("iframe")'
        '.contentDocument.getElementById("measured").textContent; document.body.innerHTML = "";'
        ' const found = document.createElement("pre"); found.textContent = said;'
        " document.body.append(found); });</script>"
    )
    page = folder / "measured.html"
    page.write_text(outer, encoding="utf-8")
    run = chromium(page, "--window-size=1400,1000", "--dump-dom", *options)
    found = re.search(r"<pre>(.*?)</pre>", run.stdout, re.DOTALL)
    assert found is not None, run.stdout[:500] + run.stderr[:500]
    plain = found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    said: dict[str, Any] = json.loads(plain)
    assert said["wide"] == width
    return said


DARK = "--blink-settings=preferredColorScheme=0"


@pytest.mark.needs_chromium
@pytest.mark.parametrize(
    ("kind", "width", "options"),
    one_in(
        2,
        [
            ("hostile", 360, ()),
            ("hostile and dies", 360, (DARK,)),
            ("another dialect", 1280, (DARK,)),
            ("conforms", 360, ()),
            ("excused, one entry out of date", 360, (DARK,)),
        ],
    ),
)
def test_in_a_browser_nothing_overflows_is_pale_or_becomes_an_element(
    tmp_path: Path, kind: str, width: int, options: tuple[str, ...]
) -> None:
    page = as_html(verdict_of(kind), ("node", NASTY), most=1)
    assert ("<details>" in page) is (len(verdict_of(kind).deviations) > 1)
    said = measured(tmp_path, page, width, *options)
    assert said["over"] == []
    assert said["cut"] == []
    assert said["pale"] == []
    plain = {tag.rpartition("}")[2] for tag in ALLOWED}
    assert set(said["tags"]) <= plain | {"script"}  # the script is the one that measures
    assert said["title"]


SPOILT = """<p><span style="display:block;width:1500px">wide</span></p>
<p style="color:#ccc">pale</p><blink>b</blink><pre style="white-space:pre;width:9px">cut off</pre>
<h1>"""


@pytest.mark.needs_chromium
def test_the_measuring_finds_what_is_wrong(tmp_path: Path) -> None:
    said = measured(tmp_path, as_html(verdict_of("one cause")).replace("<h1>", SPOILT), 400)
    assert any("wide" in each for each in said["over"])
    assert any("pale" in each for each in said["pale"])
    assert any("cut off" in each for each in said["cut"])
    assert "blink" in said["tags"]


@pytest.mark.needs_chromium
def test_a_browser_has_nothing_to_complain_of_and_prints_few_pages(tmp_path: Path) -> None:
    pages = {}
    for kind in ("conforms", "another dialect"):
        page = tmp_path / "page.html"
        page.write_text(as_html(verdict_of(kind), ("node", NASTY)), encoding="utf-8")
        run = chromium(page, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'page.pdf'}")
        assert "CONSOLE" not in run.stderr
        printed = (tmp_path / "page.pdf").read_bytes()
        pages[kind] = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 1 <= pages["conforms"] <= 5
    deviations = len(verdict_of("another dialect").deviations)
    assert deviations < pages["another dialect"] <= deviations + 6


@pytest.mark.needs_chromium
def test_a_script_on_the_page_would_not_run_and_the_browser_would_say_so(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    script = "<script>document.title = 'ran'</script><h1>"
    page.write_text(as_html(verdict_of("one cause")).replace("<h1>", script), encoding="utf-8")
    run = chromium(page, "--dump-dom")
    assert "<title>ran" not in run.stdout
    assert "CONSOLE" in run.stderr
