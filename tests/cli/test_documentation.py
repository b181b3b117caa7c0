"""The command line as documentation: what to do first, rules, versions, completion, pictures."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from streamstate import __version__
from streamstate.cli.commands import cli
from streamstate.cli.explanations import dialects_with
from streamstate.cli.starters import LANGUAGES
from streamstate.cli.tables import parting
from streamstate.explorer import explorer_page
from streamstate.model import (
    NAMED,
    OF_MEMORY,
    POLICIES,
    WHATWG,
    Dialect,
    Rule,
    advance,
    initial,
    lattice,
)
from streamstate.semantics import SPECIFICATION, address, page, passages
from streamstate.wire import PROTOCOL, trace
from tests.cli.commands import SELF, run
from tests.strategies import TINY, random_program

ROOT = Path(__file__).parents[2]
HANDED = '[["create"],["push",1,"YQ=="],["pull",1],["delete",1]]'


def test_alone_it_says_what_to_do_first() -> None:
    done = run()
    assert done.exit_code == 0
    told = re.findall(r"streamstate ([a-z]+)", done.output.partition("\n")[2])
    assert {"adapter", "check", "explore", "explain", "rule", "dialects"} == set(told)
    assert set(told) <= set(cli.commands)


def test_help_says_in_one_whole_line_what_each_command_does() -> None:
    output = CliRunner().invoke(cli, ["--help"], terminal_width=78).output
    listed = output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == sorted(cli.commands)
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_versions_of_package_specification_and_protocol() -> None:
    said = run("--version").output
    assert said.startswith(f"streamstate {__version__} (")
    assert f"specification {SPECIFICATION} (71 rules), protocol {PROTOCOL}, report 1" in said
    assert f"This is version {SPECIFICATION} of the specification" in page().read_text("utf-8")


@pytest.mark.parametrize(
    ("short", "language"),
    [
        ("js", "javascript"),
        ("TS", "typescript"),
        ("py", "python"),
        ("Golang", "go"),
        ("rs", "rust"),
    ],
)
def test_a_language_may_be_said_in_short(short: str, language: str) -> None:
    assert run("adapter", short).output == run("adapter", language).output != ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_registry_comes_with_every_starter(language: str) -> None:
    done = run("adapter", language, "--registry")
    assert done.exit_code == 0
    assert done.output != run("adapter", language).output
    for op in ("create", "push", "pull", "close", "error", "isqueuefull", "delete", "clear"):
        assert op in done.output.lower().replace("_", ""), op


def test_an_unknown_language_is_wrong_usage() -> None:
    done = run("adapter", "cobol")
    assert done.exit_code == 2
    assert "there is no starter in 'cobol'; expected one of javascript" in done.output


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.name)
def test_of_a_rule_all_is_said(rule: Rule) -> None:
    done = run("rule", rule.name.lower())
    assert done.exit_code == 0
    assert done.output == run("explain", rule.name).output
    text = " ".join(done.output.split())
    for part in (rule.value, passages()[rule].intent, address(rule)):
        assert part in text
    again = re.search(r"Run it: streamstate (.*)", done.output)
    assert again is not None
    ran = run(*shlex.split(again[1]))
    assert (f"\n   {rule.name}: " in ran.output) is (rule not in OF_MEMORY)


def test_a_rule_can_fire_where_programs_fire_it() -> None:
    random = Random(17)
    found = {rule: set(dialects_with(rule)) for rule in Rule}
    for dialect in lattice():
        state = initial(dialect, random.choice(TINY))
        for op in random_program(random, 200):
            rule, state, _ = advance(state, op)
            assert dialect in found[rule], (rule, dialect)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule.DELETE_3, "It can fire in every dialect, all 288."),
        (Rule.PULL_12, "72 of 288 dialects; of the named ones in whatwg."),
        (Rule.PULL_7, "96 of 288 dialects; of the named ones in reference, plan-01."),
        (Rule.PUSH_7, "72 of 288 dialects; of the named ones in none."),
        (Rule.SEEN_1, "It can fire in every dialect, all 288."),
        (Rule.PULL_14, "144 of 288 dialects; of the named ones in none."),
        (Rule.CANCEL_PUSH_2, "It can fire in every dialect, all 288."),
        (Rule.PUSH_8, "It holds in every dialect."),
    ],
)
def test_a_rule_says_in_which_dialects_it_can_fire(rule: Rule, said: str) -> None:
    assert said in " ".join(run("rule", rule.name).output.split())


@pytest.mark.parametrize(
    ("asked", "said"),
    [("PULL_99", "PULL has PULL_1 to PULL_15"), ("nonsense", "expected an id such as DELETE_3")],
)
def test_what_is_no_rule_is_wrong_usage(asked: str, said: str) -> None:
    done = run("rule", asked)
    assert done.exit_code == 2
    assert said in done.output


def test_explain_shows_who_has_not_looked_wherever_it_is_so() -> None:
    output = run("explain", HANDED).output
    assert output.count("pull 1 was handed 1 byte 61 and nobody has looked yet") == 2
    at_once = run("explain", "--looks", "at-once", HANDED).output
    assert at_once.count("pull 1 was handed its chunk, and its awaiter looks at it now") == 1
    assert "nobody has looked" not in at_once


AS_INSTALLED = "import sys; sys.argv[0] = 'streamstate'; from streamstate.cli import main; main()"


def completions(line: str) -> list[str]:
    """What bash is offered at the end of a line."""
    words = shlex.split(line) + [""] * line.endswith(" ")
    environment = {
        **os.environ,
        "_STREAMSTATE_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [SELF[0], "-c", AS_INSTALLED], capture_output=True, text=True, check=False, env=environment
    )
    return [each.partition(",")[2] for each in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("streamstate expl", ["explain", "explore"]),
        ("streamstate rule del", ["DELETE_1", "DELETE_2", "DELETE_3", "DELETE_4"]),
        ("streamstate dialects ", list(NAMED)),
        ("streamstate check --dialect wh", ["whatwg"]),
        (
            "streamstate explain --dialect whatwg+push",
            [f"whatwg+push_when_full={value}" for value in POLICIES["push_when_full"]],
        ),
        ("streamstate adapter ty", ["typescript"]),
        ("streamstate explain --looks ", ["at-once", "when-told"]),
    ],
)
def test_a_shell_is_offered_what_can_come_next(line: str, offered: list[str]) -> None:
    assert completions(line) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_learns_how_to_ask(shell: str) -> None:
    line = f"_STREAMSTATE_COMPLETE={shell}_source streamstate"
    assert line in (ROOT / "docs" / "how-to" / "explore.md").read_text("utf-8")
    environment = {**os.environ, "_STREAMSTATE_COMPLETE": f"{shell}_source"}
    done = subprocess.run(
        [SELF[0], "-c", AS_INSTALLED], capture_output=True, text=True, check=True, env=environment
    )
    assert f"_STREAMSTATE_COMPLETE={shell}_complete" in done.stdout


def test_explore_writes_the_page(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    done = run("explore", "-o", str(file))
    assert done.output == f"Open in a browser: {file.as_uri()}\n"
    assert file.read_text(encoding="utf-8") == explorer_page(__version__)
    assert run("explore", "-o", "-").output == explorer_page(__version__)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("explore", "-o"), "page"),
        (("explain", HANDED, "--svg"), "picture"),
        (("dialects", "--svg"), "picture"),
    ],
)
def test_what_cannot_be_written_is_wrong_usage(arguments: tuple[str, ...], what: str) -> None:
    done = run(*arguments, "/no/such/place")
    assert done.exit_code == 2
    assert f"cannot write the {what} to '/no/such/place': No such file" in done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", HANDED),
        ("dialects",),
        ("dialects", "isolate"),
        ("dialects", "isolate", "whatwg"),
    ],
)
def test_pictures_go_into_a_file_or_onto_standard_output(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    file = tmp_path / "picture.svg"
    without = run(*arguments).output
    assert run(*arguments, "--svg", str(file)).output == without
    alone = run(*arguments, "--svg", "-")
    assert alone.stdout == file.read_text(encoding="utf-8")
    assert alone.stderr == without
    assert ElementTree.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "--svg", "-", "DELETE_3"), "--svg draws a program"),
        (("explain", "--dialect", "all", "--svg", "-", HANDED), "--svg draws a program in one"),
        (("dialects", "reference", "isolate", "whatwg"), "at most two dialects can be compared"),
        (("dialects", "mine"), "unknown dialect 'mine'"),
    ],
)
def test_what_cannot_be_drawn_is_wrong_usage(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_for_any_two_dialects_there_is_a_short_program_at_the_end_of_which_they_part() -> None:
    random = Random(17)
    for _ in range(60):
        one, other = random.sample(lattice(), 2)
        program = parting(one, other)
        *same, last = zip(trace(program, one), trace(program, other), strict=True)
        assert all(mine.json == theirs.json for mine, theirs in same)
        assert last[0].json != last[1].json
        assert len(program) <= 19


def test_two_dialects_are_shown_where_they_part() -> None:
    output = run("dialects", "isolate", "whatwg").output
    for field, value in Dialect.parse("isolate").difference(WHATWG).items():
        assert f"{field:<18} {value} · {getattr(WHATWG, field)}" in output
    assert "pull, in WAITING:\n    PULL_9 · PULL_12\n" in output
    assert "Hazards of isolate only: dangling-pull" in output
    again = re.search(r"the last op of this differently\n  streamstate (.*)", output)
    assert again is not None
    explained = run(*shlex.split(again[1])).output
    last = explained.rpartition("\n4. ")[2]
    assert last.count("In isolate:") == last.count("In whatwg:") == 1
    assert "They are the same." in run("dialects", "isolate", "isolate").output
    assert run("dialects", "isolate").output == run("dialects", "--dialect", "isolate").output
