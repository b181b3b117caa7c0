"""Which rules the plan has one right after the other, and which no program can.

`python -m tests.sequences` writes docs/reference/sequences-of-rules.md.
"""
