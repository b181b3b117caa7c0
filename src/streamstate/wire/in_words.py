"""Ops and answers in words. Text from an implementation is cleaned and cut before it shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Final, TypeVar

from streamstate.model import Error, Get, Op, Pull, Push
from streamstate.wire import (
    Json,
    Together,
    Turn,
    WireError,
    compact,
    decode_bytes,
    encode_op,
    is_array,
    is_object,
    message_of,
)

_Item = TypeVar("_Item")

MOST: Final = 120
"""How many characters of one text from elsewhere to show."""


_MOST_ITEMS: Final = 40
"""How many settlements, or keys of a view, to show of one answer."""

_TERMINAL_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)"
)


def counted(number: int, what: str) -> str:
    """`1 program`, `2,000 programs`."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def clean(text: str, most: int = MOST) -> str:
    """The text without terminal sequences, with other control characters as �, cut to `most`
    characters."""
    cut = _TERMINAL_SEQUENCE.sub("", text[: 4 * most])
    kept = "".join(char if _is_harmless(char) else "�" for char in cut)
    return kept if len(kept) <= most and len(text) <= 4 * most else f"{kept[: most - 1]}…"


def _is_harmless(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] != "C" and category not in {"Zl", "Zp"}


def quoted(text: str) -> str:
    """The text cleaned, in single quotes."""
    return f"'{clean(text)}'"


def bytes_in_words(chunk: bytes) -> str:
    """A small chunk whole; of a big one its length."""
    if not chunk:
        return "an empty chunk"
    if len(chunk) > 8:
        return f"{len(chunk):,} bytes {chunk[:4].hex(' ')} …"
    return f"{len(chunk)} byte{'s' * (len(chunk) > 1)} {chunk.hex(' ')}"


def op_in_words(op: Turn) -> str:
    """An op as it would be called; several with & between them."""
    match op:
        case Together(ops):
            return _AND.join(map(op_in_words, ops))
        case Push(stream, chunk):
            return f"push({stream}, {bytes_in_words(chunk)})"
        case Error(stream, value):
            return f"error({stream}, {quoted(message_of(value))})"
        case _:
            name, *arguments = encode_op(op)
            return f"{name}({', '.join(map(str, arguments))})"


_AND: Final = " & "
"""Between ops that are done with no quiet between them."""


def ops_in_words(program: Sequence[Turn]) -> Iterator[str]:
    """The turns of a program in words; a pull says its number."""
    pulls = count(1)
    for turn in program:
        ops = turn.ops if isinstance(turn, Together) else (turn,)
        yield _AND.join([_numbered(op, pulls) for op in ops])


def _numbered(op: Op, pulls: Iterator[int]) -> str:
    if isinstance(op, Pull):
        return f"{op_in_words(op)} as pull {next(pulls)}"
    return op_in_words(op)


def value_in_words(value: Json) -> str:
    """What an op returned, or each of several."""
    if is_array(value):
        return "; ".join(_one_value_in_words(each) for each in value[:_MOST_ITEMS])
    return _one_value_in_words(value)


def _one_value_in_words(value: Json) -> str:
    if is_object(value):
        if set(value) == {"threw"}:
            threw = value["threw"]
            return f"throws {quoted(threw if isinstance(threw, str) else compact(threw))}"
        shown = islice(value.items(), _MOST_ITEMS)
        return "shows " + "; ".join(
            f"{clean(key)} {_part_in_words(key, each)}" for key, each in shown
        )
    return "returns nothing" if value is None else f"returns {_shown(value)}"


def _part_in_words(key: str, value: Json) -> str:
    """A part of a view: the chunks of a queue as they are said elsewhere."""
    if key != "queue" or not is_array(value) or not all(isinstance(each, str) for each in value):
        return _shown(value)
    chunks = [_chunk_in_words(str(each)) for each in value[:_MOST_CHUNKS]]
    more = [f"and {len(value) - _MOST_CHUNKS} more"] * (len(value) > _MOST_CHUNKS)
    return f"[{', '.join([*chunks, *more])}]"


_MOST_CHUNKS: Final = 4
"""How many chunks of a queue to show."""


def _shown(value: Json) -> str:
    return clean(compact(value))


def settlement_in_words(item: Json) -> str:
    """How a pull or push settled."""
    match item:
        case [int(pull), "done"]:
            return f"pull {pull} is done"
        case [int(pull), "error", str(message)]:
            return f"pull {pull} is rejected with {quoted(message)}"
        case [int(pull), "value", str(text)]:
            return f"pull {pull} gets {_chunk_in_words(text)}"
        case [int(pull), "changed", str(text)]:
            return f"the chunk of pull {pull} is now {_chunk_in_words(text)}"
        case ["push", int(push), "accepted"]:
            return f"push {push} is accepted"
        case ["push", int(push), "turned_away", str(message)]:
            return f"push {push} is turned away with {quoted(message)}"
        case _:
            return f"the adapter reports {_shown(item)}"


def _chunk_in_words(text: str) -> str:
    try:
        return bytes_in_words(decode_bytes(text))
    except WireError:
        return _beginning_in_words(text) or f"{quoted(text)}, which is not base64"


def _beginning_in_words(text: str) -> str:
    """A chunk of which only the beginning was kept, as it is very long; nothing if it is none."""
    kept = text.removesuffix("…")
    try:
        chunk = b"" if kept == text else decode_bytes(kept[: len(kept) // 4 * 4])
    except WireError:
        return ""
    return f"more than {bytes_in_words(chunk)}" if chunk else ""


def answer_in_words(answer: Json, op: Turn | None = None) -> str:
    """What an op returned and which pulls settled, as far as there is something to say."""
    if not (is_array(answer) and len(answer) == 2 and is_array(answer[1])):
        return _shown(answer)
    returned, settled = answer
    parts: list[str] = []
    silent = is_array(returned) and all(each is None for each in returned)
    if (returned is not None and not silent) or isinstance(op, Get):
        parts.append(value_in_words(returned))
    if is_array(settled):
        parts += _settlements(settled)
    if parts:
        return "; ".join(parts)
    return _WAITS.get(type(op), "nothing to see")


_WAITS: Final[Mapping[type, str]] = {Pull: "the pull waits", Push: "the push waits"}
"""What an op does of which nothing is to be seen, where it is not nothing."""


def contrast(op: Turn, expected: Json, observed: Json) -> tuple[str, str]:
    """Expected and observed in words, each only where they differ. Where both are cut to the same
    words, the observed ones say where the two part."""
    wanted, came = _contrasted(op, expected, observed)
    apart = parting(expected, observed) if wanted == came else ""
    return wanted, f"{came}, but {apart}" if apart else came


def parting(expected: Json, observed: Json, *, chunks: bool = False) -> str:
    """Where the first two texts part that differ, or how long they are; of `chunks`, the bytes.
    Nothing where no two texts differ."""
    if is_object(expected) and is_object(observed):
        common = [key for key in expected if key in observed]
        said = (parting(expected[key], observed[key], chunks=key == "queue") for key in common)
    elif is_array(expected) and is_array(observed):
        chunks = chunks or "value" in expected[1:2]
        pairs = zip(expected, observed, strict=False)
        said = (parting(mine, its, chunks=chunks) for mine, its in pairs)
    elif isinstance(expected, str) and isinstance(observed, str) and expected != observed:
        return _texts_part(expected, observed, chunks=chunks)
    else:
        return ""
    return next(filter(None, said), "")


def _texts_part(expected: str, observed: str, *, chunks: bool) -> str:
    try:
        if chunks:
            mine, its = decode_bytes(expected), decode_bytes(observed)
            return _parting(mine, its, "byte", "{:02x}".format)
    except WireError:
        pass
    return _parting(expected, observed, "character", repr)


def _parting(
    expected: Sequence[_Item], observed: Sequence[_Item], unit: str, said: Callable[[_Item], str]
) -> str:
    if len(expected) != len(observed):
        return f"of {len(observed):,} {unit}s and not of {len(expected):,}"
    pairs = enumerate(zip(expected, observed, strict=True), start=1)
    place, mine, its = next((place, mine, its) for place, (mine, its) in pairs if mine != its)
    return f"{unit} {place:,} is {said(its)} and not {said(mine)}"


def _contrasted(op: Turn, expected: Json, observed: Json) -> tuple[str, str]:
    if isinstance(observed, str):
        return answer_in_words(expected, op), f"the adapter failed: {quoted(observed)}"
    if not (is_array(expected) and is_array(observed)):
        return answer_in_words(expected, op), answer_in_words(observed, op)
    if compact(expected[0]) != compact(observed[0]):
        if isinstance(op, Push):
            return _pushed_in_words(expected[0]), _pushed_in_words(observed[0])
        return _contrasted_values(expected[0], observed[0])
    wanted, got = expected[1], observed[1]
    return _settled_in_words(wanted, got), _settled_in_words(got, wanted)


def _pushed_in_words(returned: Json) -> str:
    return _WAITS[Push] if returned is None else value_in_words(returned)


def _contrasted_values(expected: Json, observed: Json) -> tuple[str, str]:
    if is_object(expected) and is_object(observed) and "threw" not in observed:
        keys = [key for key in expected if key in observed]
        differing = [key for key in keys if compact(expected[key]) != compact(observed[key])]
        return (
            value_in_words({key: expected[key] for key in differing}),
            value_in_words({key: observed[key] for key in differing}),
        )
    return value_in_words(expected), value_in_words(observed)


def _settled_in_words(settled: Json, other: Json) -> str:
    """What settled, where on the other side that did."""
    if not is_array(settled) or not settled:
        return "nothing settles" if _is_push(other) else "no pull settles"
    return "; ".join(_settlements(settled))


def _is_push(settled: Json) -> bool:
    return is_array(settled) and any(is_array(each) and each[:1] == ["push"] for each in settled)


def _settlements(settled: Sequence[Json]) -> Iterator[str]:
    """How pulls settled; of very many the first ones."""
    yield from (settlement_in_words(item) for item in settled[:_MOST_ITEMS])
    if len(settled) > _MOST_ITEMS:
        yield f"and {len(settled) - _MOST_ITEMS} more"
