"""Broken implementations, each put before the oracle as anybody's implementation would be.

`python -m tests.faults` evaluates them all and writes docs/reference/broken-implementations.md.
"""
