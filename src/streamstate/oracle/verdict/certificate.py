"""What a complete suite shows of an implementation whose answers all are as expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from streamstate.model import CancelPush, Dialect, Limits, Op, Push, pushes_wait
from streamstate.wire import Json, encode_limits, encode_op
from streamstate.wire.in_words import counted


def assumptions(dialect: Dialect) -> tuple[str, ...]:
    """What every certificate in that dialect rests on, as sentences."""
    before = (
        "streams, pulls and pushes that waited" if pushes_wait(dialect) else "streams and pulls"
    )
    return (
        "It is deterministic: the same program always gets the same answers.",
        "Each program starts afresh: nothing carries over from one to the next.",
        "What it does depends on the sizes of chunks, never on their content or on error messages.",
        f"Nor does it depend on how many {before} there were before.",
        "Its adapter reports what happened, and answers only once nothing more will happen.",
    )


@dataclass(frozen=True, slots=True)
class Certificate:
    """The claim for one abstraction. It claims equivalence if every program of the suite got the
    expected answers (`complete`), and else nothing."""

    name: str
    says: str
    dialect: Dialect
    limits: Limits | None
    states: int
    """How many states the minimal machine has."""
    inputs: tuple[str, ...]
    extra_states: int
    programs: int
    """How many programs the suite has."""
    ran: int
    """How many of them ran."""
    blind_spot: str

    @property
    def complete(self) -> bool:
        """Whether the whole suite was run."""
        return self.ran >= self.programs

    def claim(self) -> str:
        """What is shown, as one sentence."""
        if not self.complete:
            return (
                f"Nothing is claimed: {self.ran:,} of {self.programs:,} programs were run, and it"
                " takes them all."
            )
        most = self.states + self.extra_states
        return (
            f"Equivalent to {self.dialect} for every deterministic, resettable implementation with"
            f" at most {most} states in this abstraction."
        )

    @property
    def bound(self) -> str:
        """`18 + 1`: the states of the minimal machine, and how many more there may be."""
        more = f" + {self.extra_states}" if self.extra_states else ""
        return f"{self.states}{more}"

    def to_json(self) -> dict[str, Json]:
        """The certificate as JSON, for the report."""
        return {
            "abstraction": self.name,
            "says": self.says,
            "dialect": str(self.dialect),
            "limits": None if self.limits is None else encode_limits(self.limits),
            "states": self.states,
            "extra_states": self.extra_states,
            "inputs": list(self.inputs),
            "programs": self.programs,
            "ran": self.ran,
            "complete": self.complete,
            "claim": self.claim(),
            "blind_spot": self.blind_spot,
        }


_WHICH: Final = ("unknown", "oldest that waits", "2nd that waits", "3rd that waits")


def input_in_words(op: Op) -> str:
    """An input in words, with the stream counted back from the newest: `push(-1, 1 byte)`."""
    if isinstance(op, CancelPush):
        return f"cancel_push({_WHICH[op.push]})"
    name, *arguments = encode_op(op)
    stream = [f"-{arguments[0]}"] if arguments else []
    size = [counted(len(op.chunk), "byte")] if isinstance(op, Push) else []
    return f"{name}({', '.join(stream + size)})"
