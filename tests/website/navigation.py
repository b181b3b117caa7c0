"""The parts of the site: what one learns from, works with, looks up, and understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NAVIGATION: Final[Mapping[str, tuple[str, ...]]] = {
    "Tutorial": (
        "tutorial/five-minutes",
        "tutorial/a-first-verdict",
    ),
    "How-to": (
        "how-to/check-your-implementation",
        "how-to/know-when-it-is-quiet",
        "how-to/adapt-pushes-that-wait",
        "how-to/choose-a-dialect",
        "how-to/check-in-ci",
        "how-to/use-a-cluster",
        "how-to/known-deviations",
        "how-to/test-a-python-implementation",
        "how-to/run-the-vectors",
        "how-to/record-a-service",
        "how-to/check-a-concurrent-history",
        "how-to/use-it-in-a-service",
        "how-to/send-with-backpressure",
        "how-to/stream-in-and-out-of-an-isolate",
        "how-to/explore",
        "how-to/build-and-release",
        "contributing",
    ),
    "Reference": (
        "reference/rules",
        "reference/the-table",
        "reference/dialects",
        "reference/glossary",
        "reference/command-line",
        "reference/python",
        "reference/protocol",
        "reference/reports",
        "reference/vectors",
        "reference/sequences-of-rules",
        "reference/histories",
        "reference/other-implementations",
        "reference/broken-implementations",
        "reference/broken-waiting-registries",
        "benchmarks",
        "changelog",
        "security",
    ),
    "Explanation": (
        "explanation/corner-questions",
        "explanation/theory-of-operation",
        "explanation/what-is-proved",
        "explanation/specification",
        "explanation/other-systems",
    ),
    "Decisions": (
        "explanation/01-reference-is-not-the-letter",
        "explanation/02-one-finite-table",
        "explanation/03-no-chunk-is-lost",
        "explanation/04-which-rule-the-oracle-names",
        "explanation/05-complete-suites",
        "explanation/06-writers-take-turns",
        "explanation/07-each-reader-has-its-own-error",
        "explanation/08-one-source-two-builds",
        "explanation/09-which-javascript-engine",
    ),
}
"""Part → its pages, each called there what its first heading says. A page that is not listed comes
last in the part that its folder is called after."""
