"""How full a queue is: the one condition on numbers that the semantics has.

It stands alone, and takes and returns plain numbers, because every push and pull asks it: the
compiled registry makes a module of its own from this very file.
"""


def measured(high_water_mark: int, max_queue_chunks: int, chunks: int, size: int) -> int:
    """The `Level`, as its number, of a queue of `chunks` chunks and `size` bytes. O(1)."""
    if not chunks:  # nothing has no bytes, so only a limit of zero makes it full
        return 3 if high_water_mark <= 0 or max_queue_chunks <= 0 else 0
    return 2 if size >= high_water_mark or chunks >= max_queue_chunks else 1
