"""A verdict for its readers: terminal, JUnit, HTML, and JSON, which is read back. They read
`verdict` and nothing else.

`view` derives once what all formats show, of a deviation with `deviation_view`, in the words of
`wording`; each format then only lays it out. `reading` holds a JSON report against its schema and
makes the verdict of it again.

To add a format, write a module that takes a `Verdict`, and say everything through its `View`.
"""
