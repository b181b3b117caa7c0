"""Benchmarks: programs that print tables, never timed tests."""
