"""Which part of a plan was run."""

from __future__ import annotations

from typing import Final, NamedTuple

SINGLE: Final = "single program"


class Shard(NamedTuple):
    """Part `number` (from 1) of a plan in `of` parts: every program is in exactly one of them."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard written `I/N`. Raises `ValueError` saying what was expected."""
        number, slash, of = text.partition("/")
        if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
            return cls(int(number), int(of))
        raise ValueError(f"{text!r} is no shard; expected I/N with 1 ≤ I ≤ N, such as 2/8")


WHOLE: Final = Shard(1, 1)
