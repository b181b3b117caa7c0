"""A verdict for its readers: terminal, JSON, JUnit, HTML. They read `verdict` and nothing else.

`showing` and `sentences` derive what all formats show; each format then only lays it out. `shards`
reads JSON reports back.

To add a format, write a module that takes a `Verdict`, and say everything through those two.
"""
