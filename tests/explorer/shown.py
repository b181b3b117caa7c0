"""What the page shows, and what it should show, which the model says and `explain` words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode

from streamstate.cli.explanations import state_in_words
from streamstate.model import (
    Abandoned,
    Control,
    Dialect,
    Effect,
    Limits,
    Op,
    State,
    Unblocked,
    advance,
    initial,
)
from streamstate.model.state import control_of
from streamstate.semantics import passages
from streamstate.wire import compact, encode_effects, encode_program
from streamstate.wire.in_words import answer_in_words, ops_in_words
from tests.explorer.browser import Browser

READ: Final = """(() => {
  const texts = (from, selector) => [...from.querySelectorAll(selector)].map((e) => e.textContent);
  const outcomes = [...document.querySelectorAll("#outcomes > article")].map((e) => ({
    dialects: texts(e, ".in"), rules: texts(e, ".rule h3"), sentences: texts(e, ".sentence"),
    intents: texts(e, ".intent"), answer: texts(e, ":scope > .answer"),
    changes: texts(e, ".change > p"), state: texts(e, ".state span:not(.strip)"),
  }));
  const steps = [...document.querySelectorAll("#steps button")].map((e) => ({
    op: texts(e, ".op"), answer: texts(e, ".answer"), rules: texts(e, ".ids"),
    now: e.getAttribute("aria-current"),
  }));
  const title = document.getElementById("now-title").textContent;
  return {title, outcomes, steps, problem: document.getElementById("problem").textContent};
})()"""

_VISIT: Final = """(async (fragments) => {
  const shown = [];
  for (const fragment of fragments) {
    await new Promise((done) => {
      addEventListener("hashchange", () => done(), {once: true});
      location.hash = fragment;
    });
    shown.push(READ);
  }
  return shown;
})(%s)""".replace("READ", READ)

_VISITS: Final = count()


def visits(page: Browser, addresses: Sequence[Mapping[str, str]]) -> list[Any]:
    """What the page shows once its address has these parts, and then once it has the next."""
    fragments = [  # none that might be there already
        urlencode({**parts, "visit": str(next(_VISITS))}) for parts in addresses
    ]
    shown: list[Any] = page.ask(_VISIT % json.dumps(fragments))
    return shown


def visit(page: Browser, parts: Mapping[str, str]) -> Any:
    """What it shows once its address has these."""
    (shown,) = visits(page, [parts])
    return shown


def parts_of(
    program: Sequence[Op], limits: Limits, at: int, dialects: str = "reference"
) -> dict[str, str]:
    """The parts of the address for a program at one of its steps, counted from 1."""
    return {
        "dialects": dialects,
        "program": compact(encode_program(program)),
        "limits": f"{limits.high_water_mark},{limits.max_queue_chunks}",
        "at": str(at),
    }


def expected(program: Sequence[Op], dialect: Dialect, limits: Limits, at: int) -> Any:
    """What it should show of a program in one dialect, at a step, counted from 1."""
    state = initial(dialect, limits)
    steps: list[dict[str, Any]] = []
    outcome: dict[str, Any] = {}
    for number, (op, words) in enumerate(zip(program, ops_in_words(program), strict=True), 1):
        rule, after, effects = advance(state, op)
        answer = answer_in_words(encode_effects(effects), op)
        now = "step" if number == at else None
        steps.append({"op": [words], "answer": [answer], "rules": [rule.name], "now": now})
        if number == at:
            outcome = {
                "dialects": [str(dialect)],
                "rules": [rule.name],
                "sentences": [rule.value],
                "intents": [passages()[rule].intent],
                "answer": ["; ".join([answer, *_unseen_in_words(effects)])],
                "state": list(state_in_words(after)),
            }
        state = after
    title = f"{at}. {steps[at - 1]['op'][0]}"
    return {"title": title, "outcomes": [outcome], "steps": steps, "problem": ""}


def changes_of(before: State, after: State) -> set[str]:
    """The streams whose situations differ, as the page says it."""
    numbers = dict.fromkeys(number for number, _ in (*before.streams, *after.streams))
    ways = {number: (_at(before, number), _at(after, number)) for number in numbers}
    return {
        f"stream {number}: {one.name} → {other.name}"
        for number, (one, other) in ways.items()
        if one is not other
    }


def _at(state: State, number: int) -> Control:
    return control_of(state.find(number), state.limits)


def _unseen_in_words(effects: Sequence[Effect]) -> list[str]:
    abandoned = [each.pull for each in effects if isinstance(each, Abandoned)]
    unblocked = [each.stream for each in effects if isinstance(each, Unblocked)]
    return [
        *(f"pull {pull} never settles" for pull in abandoned),
        *(f"stream {stream} is not blocked any more" for stream in unblocked),
    ]


ERRORED: Final = '[["create"],["push",1,"YQ=="],["pull",1],["error",1,"boom"]]'


def click(page: Browser, name: str) -> Any:
    """Press that, and what the page shows then."""
    page.ask(f"document.getElementById({json.dumps(name)}).click()")
    return page.ask(READ)


def said(page: Browser) -> str:
    """What a screen reader is told of."""
    told: str = page.ask("document.getElementById('said').textContent")
    return told
