"""Theorems are not true of everything: a statement that says too much has no proof.

The definitions and their first consequences are compiled once, as `spec/check` does; then each file
of theorems with one statement changed is compiled by itself.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROCQ: Final = Path(__file__).parents[2] / "spec" / "rocq"


class Overstatement(NamedTuple):
    """A statement that is false, by one text put in the place of another."""

    name: str
    file: str
    old: str
    new: str


OVERSTATEMENTS: Final = (
    Overstatement(
        "a producer is bounded that need not look",
        "Bounds.v",
        "(forall c, o = Push n c -> sees_room n st) /\\",
        "(forall c, o = Push n c -> True) /\\",
    ),
    Overstatement(
        "the bound leaves no room for the newest chunk",
        "Bounds.v",
        "bytes cs <= high_water_mark lim - 1 + len newest",
        "bytes cs <= high_water_mark lim - 1",
    ),
    Overstatement(
        "a limit of zero queues nothing in any dialect",
        "Bounds.v",
        "(st : state) n : push_when_full d <> accept -> unbuffered ->",
        "(st : state) n : unbuffered ->",
    ),
    Overstatement(
        "what is queued came before what was handed",
        "Fifo.v",
        "= along (brought_on n) initial os ++ shown n (run initial os) ++"
        " along (dropped_on n) initial os.",
        "= shown n (run initial os) ++ along (brought_on n) initial os ++"
        " along (dropped_on n) initial os.",
    ),
    Overstatement(
        "the newest is taken", "Order.v", "-> place < place_of i.", "-> place_of i < place."
    ),
    Overstatement(
        "a new pull has an old number",
        "Isolation.v",
        "o = Pull (about_stream st o) /\\ p = next_pull st",
        "o = Pull (about_stream st o) /\\ p < next_pull st",
    ),
    Overstatement(
        "chunks held on the op's own stream stay too",
        "Isolation.v",
        "filter (fun h => negb (h_stream h =? n)) hs.",
        "filter (fun h => h_stream h =? n) hs.",
    ),
    Overstatement(
        "a stream is at its end before it is created",
        "Finality.v",
        "n p ef p' c : n < next_stream (run initial os) ->",
        "n p ef p' c : n <= next_stream (run initial os) ->",
    ),
    Overstatement(
        "no chunk comes after an error that drains",
        "Finality.v",
        "n p v p' c : errored_backlog d <> drain ->",
        "n p v p' c : errored_backlog d <> hold ->",
    ),
    Overstatement(
        "what is given back goes behind what is younger",
        "Actions.v",
        "placed n (w_accepted w) q = older ++ (n, of_place sub, c) :: younger",
        "placed n (w_accepted w) q = older ++ younger ++ [(n, of_place sub, c)]",
    ),
    Overstatement(
        "a place is free that is not",
        "Actions.v",
        "  ~ In (of_place sub) (map place_of (in_queue n w)) ->",
        "  True ->",
    ),
    Overstatement(
        "a pull that leaves takes the younger with it",
        "Actions.v",
        "w LEAVE = with_pulls (older ++ younger) w",
        "w LEAVE = with_pulls older w",
    ),
    Overstatement(
        "all are told but none leaves",
        "Actions.v",
        "(map (fun p => Rejected p Deleted) (w_pulls w)) (with_pulls [] w)",
        "(map (fun p => Rejected p Deleted) (w_pulls w)) w",
    ),
    Overstatement(
        "writers are told of room alone",
        "Unblocking.v",
        "  has_room (after st o) n \\/ is_over (after st o) n.",
        "  has_room (after st o) n \\/ False.",
    ),
    Overstatement(
        "an error tells of room",
        "Unblocking.v",
        "  | Close m | Error m _ | Delete m => m = n /\\ is_over (after st o) n",
        "  | Close m | Error m _ | Delete m => m = n /\\ has_room (after st o) n",
    ),
    Overstatement(
        "some op tells though nothing was blocked",
        "Unblocking.v",
        "  is_blocked st n = true -> is_blocked (run st os) n = false ->",
        "  is_blocked st n = false -> is_blocked (run st os) n = false ->",
    ),
)


def compiles(where: Path, file: str) -> bool:
    command = ("coqc", "-q", "-R", ".", "Streamstate", file)
    return subprocess.run(command, cwd=where, capture_output=True, check=False).returncode == 0


@pytest.mark.thorough
@pytest.mark.needs_rocq
def test_what_says_too_much_has_no_proof(tmp_path: Path) -> None:
    for source in ROCQ.glob("*.v"):
        shutil.copy(source, tmp_path)
    listed = (
        "coqdep",
        "-R",
        ".",
        "Streamstate",
        "-sort",
        *(file.name for file in ROCQ.glob("*.v")),
    )
    order = subprocess.run(listed, cwd=tmp_path, capture_output=True, text=True, check=True)
    for file in order.stdout.split():
        assert compiles(tmp_path, file), file
    accepted = []
    for name, file, old, new in OVERSTATEMENTS:
        text = (ROCQ / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has changed: {name}"
        (tmp_path / file).write_text(text.replace(old, new), encoding="utf-8")
        if compiles(tmp_path, file):
            accepted.append(name)
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert accepted == []
