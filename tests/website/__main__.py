"""`python -m tests.website [FOLDER]` builds the site into a folder, `_site` unless one is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from streamstate import __version__
from streamstate.explorer import explorer_page
from streamstate.registry.builds import PURE
from tests.website import sections
from tests.website.built import complaints
from tests.website.examples import complaint, examples
from tests.website.links import ROOT
from tests.website.pages import put_together
from tests.website.rules import EXPLORER

_STRICT: Final = ("-W", "--keep-going", "-q")


def main(into: Path) -> int:
    """Returns 1, and says what is wrong, where an example, a link or a public name is."""
    wrong = list(filter(None, map(complaint, examples())))
    if not wrong:
        with TemporaryDirectory() as folder:
            put_together(Path(folder))
            if not built(Path(folder), into):
                return 1
        sections.written(into)
        (into / EXPLORER).write_text(explorer_page(__version__), encoding="utf-8")
        wrong = list(complaints(into))
    print("\n".join(wrong) or f"{into / 'index.html'}")
    return 1 if wrong else 0


def built(sources: Path, into: Path) -> bool:
    """Whether Sphinx built the pages and had nothing to say against them."""
    command = (sys.executable, "-m", "sphinx", *_STRICT, "-c", str(Path(__file__).parent))
    pure = {**os.environ, PURE: "1"}  # compiled methods have no annotations to show
    return (
        subprocess.run((*command, sources, into), env=pure, cwd=ROOT, check=False).returncode == 0
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else "_site")))
