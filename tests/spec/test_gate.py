"""`spec/check` refuses broken specifications and a broken model."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Break:
    """One text put in the place of another, and what the gate, or the half of it that `arguments`
    say, has to say about it."""

    name: str
    file: str
    old: str
    new: str
    complaint: str
    arguments: tuple[str, ...] = ("proofs",)


TABLE, DATA = "spec/rocq/Table.v", "spec/rocq/Streamstate.v"

BROKEN_SPECIFICATIONS = (
    Break(
        "a proof is left out",
        "spec/rocq/Isolation.v",
        "  apply find_put_other. assumption.\nQed.",
        "Admitted.",
        "assumes instead of proving",
    ),
    Break(
        "a theorem is assumed",
        "spec/rocq/Steps.v",
        "Section Steps.",
        "Axiom anything : forall P : Prop, P.\nSection Steps.",
        "assumes instead of proving",
        (),
    ),
    Break(
        "a theorem is not listed",
        "spec/README.md",
        "| `others_are_left_alone` |",
        "| others_are_left_alone |",
        "not the same",
    ),
    Break(
        "a listed theorem is gone",
        "spec/rocq/Isolation.v",
        "Theorem others_are_left_alone",
        "Lemma others_are_left_alone",
        "not the same",
    ),
    Break(
        "a given back chunk loses its place",
        DATA,
        "if fst h <? fst g then",
        "if fst g <? fst h then",
        "Wellformed.v does not compile",
    ),
    Break(
        "a chunk is taken and not counted",
        DATA,
        "hand (S a) p ps' (S a) c q",
        "hand a p ps' (S a) c q",
        "Did.v does not compile",
    ),
    Break(
        "writers are not told",
        TABLE,
        "(actions t ++ [UNBLOCK])",
        "(actions t)",
        "Did.v does not compile",
    ),
    Break(
        "close lets pulls dangle",
        TABLE,
        "To CLOSE_2 (At CLOSED nothing) [FINISH_WAITING] None",
        "To CLOSE_2 (At CLOSED nothing) [] None",
        "Did.v does not compile",
    ),
    Break(
        "the room that a pull makes is left to others",
        TABLE,
        "else At OPEN after) [HAND_QUEUED; ADMIT] None",
        "else At OPEN after) [HAND_QUEUED] None",
        "Did.v does not compile",
    ),
    Break(
        "close lets pushes dangle",
        TABLE,
        "To CLOSE_6 CLOSED_FULL [CLOSE_PUSHES] None",
        "To CLOSE_6 CLOSED_FULL [] None",
        "Did.v does not compile",
    ),
    Break(
        "a push that is given up goes on waiting",
        DATA,
        "es hs (without_push (of_push sub) os)",
        "es hs os",
        "Did.v does not compile",
    ),
    Break(
        "an accepted push is not told",
        DATA,
        "in (q', o :: ins, outs)",
        "in (q', ins, outs)",
        "Did.v does not compile",
    ),
    Break(
        "a push waits in front",
        DATA,
        "(os ++ [(of_push sub, c)])",
        "((of_push sub, c) :: os)",
        "Did.v does not compile",
    ),
    Break(
        "two pushes have one number",
        DATA,
        "(begun e (r_returned r) + next_push st)",
        "(next_push st)",
        "Steps.v does not compile",
    ),
    Break(
        "a number comes twice",
        DATA,
        "State ns np [] hs nq, flat_map deletion ss",
        "State 1 np [] hs nq, flat_map deletion ss",
        "Wellformed.v does not compile",
    ),
    Break(
        "clear tells writers twice",
        DATA,
        "State ns np [] hs nq, flat_map deletion ss)",
        "State ns np [] hs nq, flat_map deletion (ss ++ ss))",
        "Unblocking.v does not compile",
    ),
    Break(
        "an unknown stream is not full",
        TABLE,
        "To IS_QUEUE_FULL_1 c [] (Some true)",
        "To IS_QUEUE_FULL_1 c [] (Some false)",
        "the vectors made (<) are not the ones",
        ("answers",),
    ),
    Break(
        "a cell that no program comes to is another",
        TABLE,
        "| CANCEL_WAITING, _ => To CANCEL_PULL_9 c [] None",
        "| CANCEL_WAITING, _ => To CANCEL_PULL_9 c [DROP_QUEUED] None",
        "cells of the table differ",
        ("answers",),
    ),
)

BROKEN_MODEL = Break(
    "the model refuses another push",
    "src/streamstate/model/transition.py",
    "row(Rule.PUSH_2, CLOSED + CLOSING, ANY, ALWAYS, SAME, returned=False)",
    "row(Rule.PUSH_2, CLOSED + CLOSING, ANY, ALWAYS, SAME, returned=True)",
    "the specification  takes PUSH_2",
    (),
)
"""For the comparison itself there are cheaper ones, in `broken_models`."""


def broken_copy(where: Path, broken: Break) -> Path:
    for part in ("spec", "src"):
        shutil.copytree(ROOT / part, where / part, ignore=shutil.ignore_patterns("__pycache__"))
    (where / "tests").symlink_to(ROOT / "tests")
    file = where / broken.file
    text = file.read_text(encoding="utf-8")
    assert text.count(broken.old) == 1, f"{broken.file} has changed: {broken.name}"
    file.write_text(text.replace(broken.old, broken.new), encoding="utf-8")
    return where / "spec" / "check"


LATE = (
    "a given back chunk loses its place",
    "a number comes twice",
    "clear tells writers twice",
    "writers are not told",
    "an unknown stream is not full",
    "close lets pushes dangle",
    "two pushes have one number",
    "the room that a pull makes is left to others",
    "a push that is given up goes on waiting",
    "a push waits in front",
    "a cell that no program comes to is another",
    "the model refuses another push",
)
"""Most of the proofs are compiled before those are refused, for the last two all of them."""


def marked(broken: Break) -> ParameterSet:
    marks = [pytest.mark.thorough] if broken.name in LATE else []
    return pytest.param(broken, id=broken.name, marks=marks)


@pytest.mark.needs_rocq
@pytest.mark.parametrize(
    "broken", [marked(each) for each in (*BROKEN_SPECIFICATIONS, BROKEN_MODEL)]
)
def test_the_gate_refuses(tmp_path: Path, broken: Break) -> None:
    command = (str(broken_copy(tmp_path, broken)), *broken.arguments)
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    assert broken.complaint in run.stdout + run.stderr
