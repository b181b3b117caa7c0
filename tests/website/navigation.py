"""The parts of the site: what one learns from, works with, looks up, and understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

NAVIGATION: Final[Mapping[str, Mapping[str, str]]] = {
    "Tutorial": {
        "tutorial/five-minutes": "Test your implementation in five minutes",
        "tutorial/a-first-verdict": "A first verdict",
    },
    "How-to": {
        "how-to/check-your-implementation": "Check your implementation",
        "how-to/know-when-it-is-quiet": "Know when an adapter is quiet",
        "how-to/choose-a-dialect": "Choose a dialect",
        "how-to/check-in-ci": "Check in CI",
        "how-to/known-deviations": "List known deviations",
        "how-to/test-a-python-implementation": "Test a Python implementation",
        "how-to/run-the-vectors": "Run the vectors",
        "how-to/record-a-service": "Record and check a live service",
        "how-to/check-a-concurrent-history": "Check a concurrent history",
        "how-to/use-it-in-a-service": "Use it in a service",
        "how-to/stream-in-and-out-of-an-isolate": "Stream in and out of an isolate",
        "how-to/explore": "Explore",
        "how-to/build-and-release": "Build and release",
        "contributing": "Contribute",
    },
    "Reference": {
        "reference/rules": "The rules",
        "reference/the-table": "The whole table",
        "reference/dialects": "Dialects, situation by situation",
        "reference/command-line": "Command line",
        "reference/python": "Python API",
        "reference/protocol": "Wire protocol",
        "reference/reports": "Reports",
        "reference/vectors": "Vectors",
        "reference/histories": "Histories of threads",
        "reference/other-implementations": "Other people's streams",
        "reference/broken-implementations": "Broken implementations",
        "benchmarks": "Benchmarks",
        "changelog": "Changes",
        "security": "Security",
    },
    "Explanation": {
        "explanation/corner-questions": "Corner questions",
        "explanation/theory-of-operation": "Theory of operation",
        "explanation/what-is-proved": "What is proved, tested, trusted",
        "explanation/specification": "The specification in Rocq",
        "explanation/other-systems": "How other stream systems answer",
    },
    "Decisions": {
        "explanation/01-reference-is-not-the-letter": "Reference is not the letter",
        "explanation/02-one-finite-table": "Everything is one finite table",
        "explanation/03-no-chunk-is-lost": "A cancelled pull loses nothing",
        "explanation/04-which-rule-the-oracle-names": "Which rule the oracle names",
        "explanation/05-complete-suites": "Complete suites",
        "explanation/06-writers-take-turns": "Writers take turns",
        "explanation/07-each-reader-has-its-own-error": "Each reader has its own error",
        "explanation/08-one-source-two-builds": "One source, two builds",
        "explanation/09-which-javascript-engine": "Which JavaScript engine",
    },
}
"""Part → page → what it is called there. A page that is not listed comes last in the part that its
folder is called after, by its own title."""
