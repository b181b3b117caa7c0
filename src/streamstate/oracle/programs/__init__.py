"""Programs, and what the model answers to them.

A program is a sequence of ops, some of them done together; `program` keeps each op with its text,
once. `cached_model` steps the model along programs and remembers each step in a `graph`, since the
programs of a plan begin alike. Nothing here knows of implementations.

To change what a program can hold, begin in `streamstate.wire` and then in `program` and `editing`.
"""
