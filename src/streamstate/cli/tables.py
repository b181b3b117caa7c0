"""What `explain` and `dialects` show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from streamstate.model import (
    NAMED,
    POLICIES,
    CancelPull,
    Dialect,
    Idle,
    Limits,
    Op,
    Rule,
    Seen,
    State,
    Waiting,
    advance,
    initial,
    lattice,
    view,
)
from streamstate.model.hazards import hazards
from streamstate.oracle.lines import WIDTH, Line
from streamstate.oracle.words import answer_in_words, bytes_in_words, ops_in_words, quoted
from streamstate.wire import (
    answer,
    compact,
    encode_effects,
    encode_limits,
    encode_program,
    message_of,
)


def explain_lines(program: Sequence[Op], dialect: Dialect) -> Iterator[Line]:
    """Each op with what it returns and settles, its rule, and the state after it."""
    quiet = not any(isinstance(op, (CancelPull, Seen)) for op in program)
    state = initial(dialect)
    for number, (op, text) in enumerate(zip(program, ops_in_words(program), strict=True), start=1):
        rule, after, said = _step(state, op, quiet=quiet)
        yield Line(f"{number}. {text}", "rule")
        yield Line(f"   {said}")
        yield from _rule_lines(rule)
        for shown in _state_lines(after):
            yield Line(f"   {shown}", "dim")
        state = after


def _step(state: State, op: Op, *, quiet: bool) -> tuple[Rule, State, str]:
    if quiet:
        answered = answer(state, op)
        return answered.rule, answered.state, answer_in_words(answered.json, op)
    rule, after, effects = advance(state, op)
    return rule, after, answer_in_words(encode_effects(effects), op)


def _rule_lines(rule: Rule) -> Iterator[Line]:
    indent = " " * 3
    for line in wrap(
        f"{rule.name}: {rule.value}",
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    ):
        yield Line(line)


def _state_lines(state: State) -> Iterator[str]:
    if not state.streams:
        yield "no streams"
    for number, stream in state.streams:
        match stream:
            case Waiting(_, first, others):
                pulls = ", ".join(str(pull) for pull in (first, *others))
                yield f"stream {number}: open, waited on by pull {pulls}"
            case Idle():
                yield f"stream {number}: {_idle_in_words(state, number)}"
    for handed in state.handed:
        chunk = bytes_in_words(handed.chunk)
        yield f"pull {handed.pull} was handed {chunk} and nobody has looked yet"


def _idle_in_words(state: State, number: int) -> str:
    shown = view(state, number)
    assert shown is not None
    flags = ["closed"] * shown.closed
    if shown.errored:
        flags.append(f"errored with {quoted(message_of(shown.error_value))}")
    status = " and ".join(flags) or "open"
    if not shown.queue:
        return f"{status}, nothing queued"
    chunks = ", ".join(bytes_in_words(chunk) for chunk in shown.queue[:4])
    more = f" and {len(shown.queue) - 4} more" if len(shown.queue) > 4 else ""
    return f"{status}, queued: {chunks}{more}"


def dialect_lines(dialect: Dialect) -> Iterator[Line]:
    """The policy fields with their values, the named dialects, and the hazards of one."""
    yield Line(f"{len(lattice())} dialects: any choice of one value for each field.", "rule")
    for field, values in POLICIES.items():
        yield Line(f"  {field:<18} {' · '.join(values)}")
    yield Line("")
    yield Line("Named", "rule")
    for name, named in NAMED.items():
        chosen = " ".join(f"{field}={getattr(named, field)}" for field in POLICIES)
        yield Line(f"  {name:<10} {chosen}")
    yield Line("")
    yield Line(f"Hazards of {dialect}", "rule")
    for hazard in hazards(dialect):
        yield Line(f"  {hazard.name} ({hazard.field}={hazard.value}): {hazard.sentence}")
        limits = "" if hazard.limits == Limits() else _limits_in_words(hazard.limits)
        yield Line(f"    {compact(encode_program(hazard.program))}{limits}", "dim")


def _limits_in_words(limits: Limits) -> str:
    return f"  with limits {compact(encode_limits(limits))}"
