"""The page on the protocol and its schema say the same, and an adapter does what they say."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from streamstate import StreamStateRegistry
from streamstate.recording import record
from streamstate.wire.recorded import encode_start, parse_start

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "spec" / "protocol.md").read_text(encoding="utf-8")
SCHEMA: dict[str, Any] = json.loads((ROOT / "spec" / "protocol.schema.json").read_text("utf-8"))
ADAPTER = ROOT / "tests" / "implementations" / "javascript" / "adapter.mjs"

SENT, ANSWERED, RECORDED = "→", "←", "▪"
ALLOWED = {
    SENT: ("start", "run", "stop"),
    ANSWERED: ("hello", "answer"),
    RECORDED: ("recorded", "recording_start", "recorded_cancel", "recording_end"),
}
"""Mark of a line on the page → the messages that it may be, by their names in the schema."""


def marked(text: str) -> list[tuple[str, str]]:
    """The example lines in `text`, each with its mark."""
    return re.findall(rf"^([{SENT}{ANSWERED}{RECORDED}]) (.*)$", text, re.MULTILINE)


def section(heading: str) -> str:
    return re.split(r"^## ", PAGE.split(f"\n## {heading}\n")[1], flags=re.MULTILINE)[0]


def valid(name: str, line: str) -> bool:
    """Whether `line` is the message of that name."""
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]}
    return bool(Draft202012Validator(schema).is_valid(json.loads(line)))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(("mark", "line"), marked(PAGE))
def test_each_line_on_the_page_is_in_the_schema(mark: str, line: str) -> None:
    assert [name for name in ALLOWED[mark] if valid(name, line)], f"{mark} {line}"
    assert Draft202012Validator(SCHEMA).is_valid(json.loads(line))


def test_the_page_shows_every_message() -> None:
    names = ["start", "hello", "run", "trace", "failed", "stop", *ALLOWED[RECORDED]]
    shown = {name for _, line in marked(PAGE) for name in names if valid(name, line)}
    assert shown == set(names)


def test_the_page_shows_every_op() -> None:
    in_table = set(re.findall(r"^\| `\[\"(\w+)\"", PAGE, re.MULTILINE))
    in_examples = {name for _, line in marked(PAGE) for name in ops_in(json.loads(line))}
    assert in_table | {"seen"} == in_examples == ops_of_the_schema()


def ops_in(message: dict[str, Any]) -> set[str]:
    """The names of the ops in a run or a line of a recording; none in other messages."""
    ops = [*message.get("program", []), *([message["op"]] if "op" in message else [])]
    inner = [op for name, *arguments in ops if name == "together" for op in arguments]
    return {name for name, *_ in [*ops, *inner]}


def ops_of_the_schema() -> set[str]:
    """The definitions that are arrays which start with their own name."""
    return {
        name
        for name, schema in SCHEMA["$defs"].items()
        if schema.get("prefixItems", [None])[0] == {"const": name}
    }


def hello(version: str, capabilities: str = "[]", settle: str = "exact") -> str:
    implementation = f'{{"name":"x","language":"y",{version}}}'
    return (
        f'{{"protocol":1,"implementation":{implementation},'
        f'"capabilities":{capabilities},"settle":"{settle}"}}'
    )


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("hello", hello('"version":""')),
        ("hello", hello('"version":"1"', settle="best-effort")),
        ("run", '{"cmd":"run","seq":0,"program":[]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["pull",0]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["close",2147483647]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["push",1,"AA=="]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["error",1,""]]}'),
        ("trace", '{"seq":0,"trace":[],"late":[]}'),
        ("trace", '{"seq":0,"trace":[[-1,[]]],"late":[]}'),
        ("trace", '{"seq":0,"trace":[[{},[]]],"late":[]}'),
        ("trace", '{"seq":0,"trace":[[{"queue":[],"age":7},[]]],"late":[]}'),
        ("trace", '{"seq":0,"trace":[[null,[[1,"done"],[1,"done"]]]],"late":[]}'),
    ],
)
def test_what_is_unusual_and_right_is_taken(name: str, line: str) -> None:
    assert valid(name, line)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("start", '{"cmd":"start"}'),
        ("start", '{"cmd":"start","protocol":2}'),
        ("start", '{"cmd":"start","protocol":true}'),
        ("stop", '{"cmd":"stop","seq":1}'),
        ("hello", '{"protocol":1,"capabilities":[],"settle":"exact"}'),
        ("hello", hello('"version":1')),
        ("hello", hello('"version":null')),
        ("hello", hello('"version":"1","authors":[]')),
        ("hello", hello('"version":"1"', capabilities='["fly"]')),
        ("hello", hello('"version":"1"', capabilities='["get","get"]')),
        ("hello", hello('"version":"1"', settle="soon")),
        ("run", '{"cmd":"run","program":[]}'),
        ("run", '{"cmd":"run","seq":"7","program":[]}'),
        ("run", '{"cmd":"run","seq":-1,"program":[]}'),
        ("run", '{"cmd":"run","seq":0,"program":["create"]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["fly"]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["create",1]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["seen",1]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["pull"]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["pull",true]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["pull",1.5]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["pull",-1]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["pull",2147483648]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["push",1,"AQI"]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["push",1,"AQ=="],["push",1,"AR=="]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["push",1,"A-_="]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["push",1,[1,2,3]]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["push",1,{"fill":256,"size":1}]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["error",1,null]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["together"]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[["together",["together",["clear"]]]]}'),
        ("run", '{"cmd":"run","seq":0,"program":[],"limits":{"high_water_mark":1}}'),
        (
            "run",
            '{"cmd":"run","seq":0,"program":[],'
            '"limits":{"high_water_mark":-1,"max_queue_chunks":1}}',
        ),
        ("answer", '{"seq":0,"trace":[[1,[]]]}'),
        ("answer", '{"seq":0,"trace":[1],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[1]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[["1",[]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[1,[[0,"done"]]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[1,[["1","done"]]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[1,[[1,"done",null]]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[1,[[1,"value"]]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[1,[[1,"error",{"message":"boom"}]]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[{"threw":1},[]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[{"queue":"AQID"},[]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[[{"closed":1},[]]],"late":[]}'),
        ("answer", '{"seq":0,"trace":[],"late":null}'),
        ("answer", '{"seq":0,"trace":[],"late":[],"failed":"both"}'),
        ("answer", '{"seq":0,"failed":true}'),
        ("recorded", '{"op":["pull",1],"settled":[]}'),
        ("recorded", '{"op":["together",["clear"]],"returned":[null],"settled":[]}'),
    ],
)
def test_what_is_wrong_is_rejected(name: str, line: str) -> None:
    assert not valid(name, line)
    assert not Draft202012Validator(SCHEMA).is_valid(json.loads(line))


@pytest.mark.needs_node
def test_the_exchange_on_the_page_is_what_the_javascript_adapter_does(node: Path) -> None:
    lines = marked(section("An exchange"))
    sent = "".join(f"{line}\n" for mark, line in lines if mark == SENT)
    ran = subprocess.run(
        [node, ADAPTER],
        input=sent,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert answers == [json.loads(line) for mark, line in lines if mark == ANSWERED]


def test_what_record_writes_is_in_the_schema(tmp_path: Path) -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    registry.push(stream, b"a")
    before = registry.pull(stream)
    registry.pull(registry.create())
    with record(registry, tmp_path / "r.jsonl"):
        before.close()
        registry.get(stream)
        registry.error(stream, ValueError("boom"))
        registry.clear()
    text = (tmp_path / "r.jsonl").read_text()
    named = [
        [name for name in ALLOWED[RECORDED] if valid(name, line)] for line in text.splitlines()
    ]
    assert named == [
        ["recording_start"],
        ["recorded_cancel"],
        *[["recorded"]] * 3,
        ["recording_end"],
    ]


def test_recordings_on_the_page_begin_as_the_checker_reads_them() -> None:
    lines = [json.loads(line) for mark, line in marked(PAGE) if mark == RECORDED]
    starts = [parse_start(line) for line in lines if "recording" in line]
    assert [encode_start(start) for start in starts] == [
        line for line in lines if "recording" in line
    ]
