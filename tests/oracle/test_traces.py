"""Recordings: what conforms passes, what was tampered with is refused at its line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from streamstate import Dialect
from streamstate.model import REFERENCE
from streamstate.oracle.recordings import Outcome
from tests.oracle.recorded import RECORDING, checked


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert text.count(old) == 1
        return text.replace(old, new)

    return change


def without_line(number: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        kept = text.splitlines(keepends=True)
        del kept[number - 1]
        return "".join(kept)

    return change


def doubled_line(number: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        kept = text.splitlines(keepends=True)
        kept.insert(number, kept[number - 1])
        return "".join(kept)

    return change


def swapped_lines(number: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        kept = text.splitlines(keepends=True)
        kept[number - 1 : number + 1] = reversed(kept[number - 1 : number + 1])
        return "".join(kept)

    return change


def test_sound_recording_conforms() -> None:
    said = checked(RECORDING)
    assert (said.outcome, said.recordings, said.ops, said.remarks) == (Outcome.CONFORMS, 1, 17, ())


TAMPERED = [
    ("chunk_settled", replaced('[[1,"value","AQ=="]]', '[[1,"value","Aw=="]]'), 6, "PUSH_4"),
    ("chunk_pushed", replaced('["push",1,"AQ=="]', '["push",1,"Aw=="]'), 6, "PUSH_4"),
    ("chunk_shown", replaced('{"queue":["Ag=="]', '{"queue":["Aw=="]'), 11, "GET_2"),
    ("size_shown", replaced('"queue_size":1', '"queue_size":2'), 11, "GET_2"),
    ("returned", replaced('2],"returned":false', '2],"returned":true'), 12, "IS_QUEUE_FULL_3"),
    ("returned_type", replaced('"returned":1,', '"returned":true,'), 2, "CREATE_1"),
    ("returned_nothing", replaced('"returned":3,', '"returned":null,'), 17, "CREATE_1"),
    ("threw", replaced('"returned":3,', '"returned":{"threw":"no"},'), 17, "CREATE_1"),
    ("number_used_again", replaced('"returned":3,', '"returned":1,'), 17, "CREATE_1"),
    ("settlement_missing", replaced('[[4,"error","boom"]]', "[]"), 14, "PULL_7"),
    ("settlement_too_many", replaced('["seen",1],"returned":null,"settled":[]',
     '["seen",1],"returned":null,"settled":[[2,"done"]]'), 7, "SEEN_1"),
    ("settled_twice", replaced('[[4,"error","boom"]]', '[[4,"error","boom"],[4,"error","boom"]]'),
     14, "PULL_7"),
    ("settled_in_another_order", replaced('[[2,"error","Stream deleted"],[5',
     '[[5,"error","Stream deleted"],[2'), 16, "DELETE_3"),
    ("pull_number", replaced('[[4,"error","boom"]]', '[[6,"error","boom"]]'), 14, "PULL_7"),
    ("pull_number_type", replaced('[[1,"value","AQ=="]]', '[[true,"value","AQ=="]]'), 6, "PUSH_4"),
    ("outcome", replaced('[[4,"error","boom"]]', '[[4,"done"]]'), 14, "PULL_7"),
    ("message", replaced('[[4,"error","boom"]]', '[[4,"error","bang"]]'), 14, "PULL_7"),
    ("stream_of_a_push", replaced('["push",1,', '["push",2,'), 6, "PUSH_5"),
    ("seen_after_all", replaced('["cancel_pull",3]', '["seen",3]'), 11, "GET_2"),
    ("create_left_out", without_line(2), 2, "CREATE_1"),
    ("pull_left_out", without_line(5), 8, "PULL_2"),
    ("push_left_out", without_line(8), 8, "PULL_3"),
    ("cancel_left_out", without_line(10), 10, "GET_2"),
    ("error_left_out", without_line(13), 13, "PULL_2"),
    ("create_twice", doubled_line(17), 18, "CREATE_1"),
    ("push_twice", doubled_line(6), 7, "PUSH_4"),
    ("cancel_before_its_pull", swapped_lines(9), 11, "GET_2"),
    ("dialect", replaced("+overlapping_pull=queue", ""), 5, "PULL_10"),
    ("limits", replaced('"max_queue_chunks":2', '"max_queue_chunks":1'), 12, "IS_QUEUE_FULL_2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "line", "rule"),
    [pytest.param(*values, id=name) for name, *values in TAMPERED],
)
def test_tampered_recording_is_refused_at_the_first_line_that_shows_it(
    change: Callable[[str], str], line: int, rule: str
) -> None:
    said = checked(change(RECORDING))
    assert said.outcome is Outcome.DEVIATES
    assert said.deviation is not None
    assert (said.deviation.line, said.deviation.rule.name) == (line, rule)
    assert said.deviating == 1


def test_every_recorded_line_matters() -> None:
    """Whatever an op returned or settled, changed alone, is noticed at its line."""
    text = RECORDING.splitlines()
    for number, line in enumerate(text, start=1):
        value = json.loads(line)
        if "op" in value:
            for key, other in (("returned", 17), ("settled", [[17, "done"]])):
                changed = [*text[: number - 1], json.dumps({**value, key: other}), *text[number:]]
                said = checked("\n".join(changed))
                assert said.deviation is not None
                assert said.deviation.line == number


def test_recording_needs_no_first_line_and_no_end() -> None:
    said = checked('{"op":["create"],"returned":1,"settled":[]}\n', Dialect.parse("isolate"))
    assert (said.outcome, said.dialects, said.ops) == (Outcome.CONFORMS, ("isolate",), 1)


def test_dialect_asked_for_goes_before_the_one_that_is_named() -> None:
    said = checked(RECORDING, REFERENCE)
    assert said.dialects == ("reference",)
    assert said.deviation is not None
    assert said.deviation.line == 5


def test_next_recording_in_the_file_is_checked_after_one_that_deviates() -> None:
    wrong = RECORDING.replace('"returned":1,', '"returned":7,')
    said = checked(wrong + RECORDING + wrong)
    assert (said.recordings, said.deviating, said.ops) == (3, 2, 19)
    assert said.remarks == ("not checked: 32 ops of a recording after its first deviation",)
    assert said.deviation is not None
    assert said.deviation.line == 2
