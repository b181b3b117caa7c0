"""The metadata hook: links to the site, once it is published. Its address is said in one place,
`PUBLISHED` in `streamstate/semantics.py`; while it says none, the package has no links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

SAID_IN = Path("src", "streamstate", "semantics.py")
RULES = "reference/rules.html"
"""Where the page of the rules is on the site."""


class LinksHook(MetadataHookInterface):
    """Adds the address of the site, of the rules, and of the list of changes."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Raises `ValueError` for an address that is not that of the site's page of rules."""
        source = Path(self.root, SAID_IN).read_text(encoding="utf-8")
        said = re.search(r'^PUBLISHED: Final = "(.*)"$', source, re.MULTILINE)
        address = said[1] if said else ""
        if said is None or (address and not address.endswith(f"/{RULES}")):
            raise ValueError(f"PUBLISHED in {SAID_IN} is {address!r}; expected https://…/{RULES}")
        metadata["urls"] = _links(address.removesuffix(RULES)) if address else {}


def _links(site: str) -> dict[str, str]:
    return {"Documentation": site, "Rules": site + RULES, "Changelog": site + "changelog.html"}
