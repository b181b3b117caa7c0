"""Adapters of streams in Python that nobody here wrote.

Each is a module to be run: `python -m tests.implementations.python.janus_queue`.
"""
