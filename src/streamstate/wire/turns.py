"""What gets one answer: an op, or several with no quiet between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from streamstate.model import Op


@dataclass(frozen=True, slots=True)
class Together:
    """Ops done one after the other before anybody looks: `["together",op,…]`. At least one.

    Raises `ValueError` for none.
    """

    ops: tuple[Op, ...]

    def __post_init__(self) -> None:
        if not self.ops:
            raise ValueError("a together holds at least one op")


Turn: TypeAlias = Op | Together
"""An entry of a program: after each the implementation gets quiet, and then it is answered."""
