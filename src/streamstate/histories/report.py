"""The report on a file with a history: its verdict, in a sentence and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from streamstate.histories.check import Linearizable, NotLinearizable, Unknown, check
from streamstate.histories.form import encode_call
from streamstate.histories.linearize import MOST_STEPS
from streamstate.histories.picture import outcome_in_words
from streamstate.histories.reading import read_history
from streamstate.histories.replaying import replay
from streamstate.model import Dialect
from streamstate.wire import Json, WireError
from streamstate.wire.in_words import clean, counted, op_in_words


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The file is not a history, or a line of it is wrong."""

    message: str


Outcome: TypeAlias = Linearizable | NotLinearizable | Unknown | Unreadable


@dataclass(frozen=True, slots=True)
class Report:
    """The result for the file `name`, which has `calls` calls, in `dialect`."""

    name: str
    dialect: str
    calls: int
    verdict: Outcome

    @property
    def word(self) -> str:
        """The verdict in a word or two."""
        match self.verdict:
            case Linearizable():
                return "linearizable"
            case NotLinearizable():
                return "not linearizable"
            case Unknown():
                return "unknown"
            case Unreadable():
                return "broken"

    @property
    def exit_code(self) -> int:
        """0 linearizable, 1 not, 3 unknown or broken."""
        match self.verdict:
            case Linearizable():
                return 0
            case NotLinearizable():
                return 1
            case Unknown() | Unreadable():
                return 3


def report_on(
    name: str, file: BinaryIO, dialect: Dialect | None = None, most_steps: int = MOST_STEPS
) -> Report:
    """Read a history and check it. Raises `OSError` where the file cannot be read."""
    try:
        history = read_history(file, dialect)
    except WireError as error:
        return Report(name, "", 0, Unreadable(str(error)))
    verdict = check(history, most_steps)
    return Report(name, str(history.start.dialect), len(history.calls), verdict)


def headline(report: Report) -> str:
    """The verdict in a sentence."""
    name, calls = clean(report.name, 400), counted(report.calls, "call")
    match report.verdict:
        case Linearizable(objects):
            return (
                f"{name}: linearizable in {report.dialect}; {calls} on"
                f" {counted(objects, 'object')}."
            )
        case NotLinearizable(prefix):
            culprit = prefix.culprit
            shortest = "" if prefix.shortest else ", and maybe before"
            return (
                f"{name}: not linearizable in {report.dialect}: {clean(prefix.one.name)}, as"
                f" {op_in_words(culprit.op)} of thread {clean(culprit.thread)} (line"
                f" {culprit.number:,}) {outcome_in_words(culprit.outcome)}{shortest}; {calls}."
            )
        case Unknown(object_name, bound, objects):
            more = "" if objects == 1 else f", the first of {objects:,}"
            return (
                f"{name}: unknown in {report.dialect}: no verdict on {clean(object_name)}{more}"
                f" ({bound}); {calls}."
            )
        case Unreadable(message):
            return f"{name}: no history that can be checked: {clean(message, 400)}"


def report_json(report: Report) -> dict[str, Json]:
    """The same for programs. Calls are in the form of their lines."""
    verdict = report.verdict
    said: dict[str, Json] = {
        "file": report.name,
        "verdict": report.word,
        "dialects": [report.dialect] if report.dialect else [],
        "calls": report.calls,
    }
    match verdict:
        case Linearizable(objects):
            said["objects"] = objects
        case NotLinearizable(prefix):
            said["object"] = prefix.one.name
            said["line"] = prefix.culprit.number
            said["shortest"] = prefix.shortest
            said["prefix"] = [encode_call(call) for call in prefix.calls]
            said["linearization"] = [
                {"line": told.call.number, "rule": told.rule.name, "answer": told.answer}
                for told in replay(prefix.one.start, prefix.witness)
            ]
        case Unknown(name, bound, objects):
            said["object"] = name
            said["bound"] = bound
            said["undecided"] = objects
        case Unreadable(message):
            said["broken"] = message
    return said
